"""Settings of redaction -> for each call its arguments made real, and everything shown made tokens.

What is promised: values of the chosen kinds do not stand in what a model or its client reads, as far as they are found
by field, by form, or by having been passed in this call. A token leads to one value, and a text of a provider that only
looks like a token never does: it becomes a token for itself (`plain-text:...`). What is not promised: that providers
are kept apart. A token that is passed to a tool is the value for that tool's provider, whoever suggested to pass it (a
text in another provider's answer may); and what somebody has written in a free text, other than e-mail addresses and
phone numbers, or returned in another spelling than it has, is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from audience_mcp.errors import AudienceError
from audience_mcp.redaction.arguments import Restoring
from audience_mcp.redaction.fields import EMAIL, KINDS, PERSON, PHONE, Fields, is_kind, word_of
from audience_mcp.redaction.mask import Mask, kinds_told
from audience_mcp.redaction.queries import Queries
from audience_mcp.redaction.quoted import terms_of, without_quotations, words_of
from audience_mcp.redaction.repeats import Repeats
from audience_mcp.redaction.shapes import Shape
from audience_mcp.redaction.spotting import without_emails, without_phones
from audience_mcp.redaction.tokens import Tokens

Json = Any
_Error = TypeVar("_Error", bound=AudienceError)

INSTRUCTION = (
    "Personal data is masked ({words}): a token such as person:7f3a stands for one value, the same in every answer."
    " Join on tokens, pass one wherever its value is meant, and never make one up."
)


class Redactor:
    """One for the whole program; `words` are those of the setting.

    `keep` is told of the tokens that were given out or met, with kind and value, where later runs are to know them, and
    (with True) of those whose values are about to be written into something at a provider.
    """

    def __init__(
        self,
        words: Iterable[str],
        key: bytes,
        *,
        fewest: int = 4,
        keep: Callable[[Mapping[str, tuple[str, Json]], bool], None] | None = None,
    ) -> None:
        self.words = tuple(dict.fromkeys(words))
        kinds = [KINDS[word] for word in self.words if word in KINDS]
        chosen = [word for word in self.words if word not in KINDS]
        self.fields = Fields(kinds, chosen)
        self.tokens = Tokens(key, [*kinds, *map(word_of, chosen)], fewest)
        self._keep = keep
        self.written = Repeats()
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def opened(self, arguments: Mapping[str, Json], *, real: bool = False, schema: Json = None) -> Veil:
        """One call; with `real` its arguments hold no tokens of ours (they come from the journal). `schema` is that of
        the arguments: it says which type a value has to have, and an error may quote its words.

        Raises:
            InvalidArguments: An argument is a token that is not known.
        """
        restoring = Restoring(self.tokens, schema)
        meant = dict(arguments) if real else restoring.value(dict(arguments))
        return Veil(self, dict(arguments), meant, restoring, real=real, schema=schema)

    def shown(self, value: Json) -> Json:
        """A value that belongs to no call of a tool: what the journal keeps."""
        return self.masked(self.mask(used=self.written), value)

    def swept(self, value: Json) -> Json:
        """Addresses and phone numbers out of what is told already: the last net, for our own words and errors."""
        if isinstance(value, str):
            if EMAIL in self.fields.kinds:
                value = without_emails(value, lambda found: self.tokens.of(EMAIL, found), shortened=True)
            if PHONE in self.fields.kinds:
                value = without_phones(value, lambda found: self.tokens.of(PHONE, found))
            self.keep()
            return value
        if isinstance(value, dict):
            return {self.swept(name): self.swept(part) for name, part in value.items()}
        return [self.swept(item) for item in value] if isinstance(value, (list, tuple)) else value

    def error(self, error: _Error) -> _Error:
        """An error whose words may repeat a provider's."""
        error.message, error.remedy = self.swept(error.message), self.swept(error.remedy)
        error.workspace = self.swept(error.workspace)
        return error

    @property
    def instruction(self) -> str:
        """What a model has to know of tokens before its first call."""
        return INSTRUCTION.format(words=", ".join(self.words))

    def keep(self) -> None:
        """Let later processes know the tokens met since the last time."""
        fresh, self.tokens.fresh = self.tokens.fresh, {}
        if self._keep is not None and fresh:
            self._keep(fresh, False)

    def recall(self, written: Iterable[str]) -> None:
        """Take over what an earlier run has written: known tokens."""
        restoring = Restoring(self.tokens)
        restoring.value(list(written))
        self.written.add(restoring.used)

    def keep_written(self, tokens: Iterable[str]) -> None:
        """Let later processes know whose values are about to be written."""
        known = (token for token in tokens if self.tokens.shape.fullmatch(token))
        fresh = {token: (token.partition(":")[0], self.tokens.value(token)) for token in known}
        if self._keep is not None and fresh:
            self._keep(fresh, True)

    def mask(self, **known: Any) -> Mask:
        """A walk through one value; `known` as `Mask` has it."""
        return Mask(self.fields, self.tokens, self._shapes, **known)

    def masked(self, mask: Mask, value: Json) -> Json:
        """A value masked, its tokens kept."""
        made = mask.value(value)
        self.keep()
        return made


class Veil:
    """One call: `arguments` as they are meant; what is shown of it holds tokens, and `found` says of which kinds."""

    def __init__(
        self,
        redactor: Redactor,
        sent: dict[str, Json],
        meant: dict[str, Json],
        restoring: Restoring,
        *,
        real: bool,
        schema: Json,
    ) -> None:
        self._redactor, self._sent, self._restoring = redactor, sent, restoring
        self._used = Repeats(restoring.used, redactor.written)
        self._real, self._schema = real, schema
        self.arguments = meant
        self._found: set[str] = set()
        self._queries: Queries | None = None

    def shown(self, value: Json, *, personal: bool = False, bare: Iterable[str] = ()) -> Json:
        """An answer, or any part of the call, as it may be shown; `personal`: the operation answers data of people,
        in the fields `bare` one person's value without saying which."""
        redactor = self._redactor
        if self._queries is None:
            self._queries = Queries(self.arguments, redactor.fields)
        subject = self._subject() if personal else None
        bare = bare if PERSON in redactor.fields.kinds else ()
        mask = redactor.mask(personal=personal, subject=subject, queries=self._queries, used=self._used, bare=bare)
        made = redactor.masked(mask, value)
        self._found |= mask.found
        return made

    def recalled(self) -> dict[str, Json]:
        """The arguments to repeat the call with: as they were sent, what the sender wrote out told as tokens too."""
        mask = self._redactor.mask(used=self._used if self._real else None, ours=not self._real)
        made: dict[str, Json] = self._redactor.masked(mask, self._sent)
        return made

    def error(self, error: _Error) -> _Error:
        """An error of this call: without what its tokens stood for, and what the provider quotes of its data."""
        mask = self._redactor.mask(used=Repeats(self._restoring.short, self._used), ours=True)
        error.message, error.remedy = mask.value(error.message), mask.value(error.remedy)
        if "“" in error.message:
            known = terms_of(self._schema) | (frozenset() if self._real else words_of(self._sent))
            error.message = without_quotations(error.message, known)
        return self._redactor.error(error)

    def writes(self) -> None:
        """What its tokens stand for is about to be written: from now on it is told as tokens wherever it stands.

        Else a name could be read back from whatever was named after it.
        """
        used, written = self._restoring.used, self._redactor.written
        self._redactor.keep_written({*used.values()} - {*written.tokens.values()})
        written.add(used)

    @property
    def note(self) -> str | None:
        """What was masked, for the provenance; None where nothing was."""
        told = kinds_told(self._found, KINDS)
        return f"personal data masked: {told}" if told else None

    def _subject(self) -> str | None:
        """The kind of bare values that were asked for: `key` says first_name."""
        fields = self._redactor.fields
        asked = (self.arguments.get(name) for name in ("key", "property", "attribute"))
        found = (fields[field] for field in asked if isinstance(field, str))
        return next((kind for kind in found if is_kind(kind)), None)
