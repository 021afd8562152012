// The page of the chart: speaks MCP Apps (2026-01-26) with its host, and draws what comes with the tool's result.
// `vegaEmbed` is bundled with it. It loads nothing, and evaluates no text as a program (`ast`): hosts forbid both.

const THEMES = "/*themes*/";
const CHART = "/*key*/";
const PROTOCOL = "2026-01-26";
const NARROWEST = 640, WIDEST = 1100;

const place = document.getElementById("chart");
const hint = document.getElementById("hint");
const waiting = new Map();
const context = {};
let result = null, drawn = null, width = 0, turn = 0;

const refuse = () => Promise.reject(new Error("a chart loads nothing"));
const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
const notify = (method, params = {}) => send({ method, params });
const ask = (method, params) => new Promise((resolve, reject) => {
  const id = waiting.size + 1;
  waiting.set(id, { resolve, reject });
  send({ id, method, params });
});

// What the host tells; a request it makes is answered at once.
const heard = {
  "ui/notifications/tool-result": (params) => { result = params; draw(); },
  "ui/notifications/tool-cancelled": () => say("The chart was cancelled."),
  "ui/notifications/host-context-changed": (params) => { Object.assign(context, params); draw(); },
};
const answered = {
  "ping": () => ({}),
  "ui/resource-teardown": () => { drawn?.finalize(); return {}; },
};

window.addEventListener("message", ({ source, data }) => {
  if (source !== window.parent || data?.jsonrpc !== "2.0") return;
  if (data.method === undefined) {
    const open = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) open?.reject(new Error(data.error.message));
    else open?.resolve(data.result);
  } else if (data.id === undefined) {
    heard[data.method]?.(data.params ?? {});
  } else if (Object.hasOwn(answered, data.method)) {
    send({ id: data.id, result: answered[data.method]() });
  } else {
    send({ id: data.id, error: { code: -32601, message: "Method not found" } });
  }
});

function theme() {
  return context.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

// A text that did not come as a chart: the picture of it, or what the tool said.
function say(text) {
  const line = document.createElement("p");
  line.textContent = text;
  place.replaceChildren(line);
  fit();
}

function instead() {
  const blocks = result.content ?? [];
  const picture = blocks.find((block) => block.type === "image" && block.mimeType === "image/png");
  const text = blocks.find((block) => block.type === "text")?.text ?? "There is no chart.";
  if (!picture) return say(text);
  const image = new Image();
  image.onload = fit;
  image.alt = text;
  image.src = `data:image/png;base64,${picture.data}`;
  place.replaceChildren(image);
}

// A specification with its data fills the width it gets; what was laid out for one width is only made smaller.
function sized(specification) {
  if (!specification.$schema.includes("vega-lite")) return specification;
  const full = context.displayMode === "fullscreen" ? window.innerHeight - 4 : 0;
  const across = Math.min(Math.max(width, NARROWEST), WIDEST);
  return { ...specification, width: across, height: Math.max(specification.height, full) };
}

async function draw() {
  const look = THEMES[theme()];
  const root = document.documentElement.style;
  root.colorScheme = theme();
  root.setProperty("--paper", context.styles?.variables?.["--color-background-primary"] ?? look.background);
  root.setProperty("--ink", look.title.color);
  root.setProperty("--line", look.axis.domainColor);
  if (!result) return;
  const specification = result._meta?.[CHART];
  if (!specification) return instead();
  const mine = ++turn;
  width = document.documentElement.clientWidth;
  hint.hidden = true;
  try {
    const made = await vegaEmbed(document.createElement("div"), sized(structuredClone(specification)), {
      config: { ...look, background: "transparent" },
      renderer: "svg", actions: false, ast: true, tooltip: point, loader: { load: refuse, sanitize: refuse },
    });
    if (mine !== turn) return made.finalize();
    drawn?.finalize();
    drawn = made;
    place.replaceChildren(made.view.container());
    fit();
  } catch (error) {
    console.error(error);
    instead();
  }
}

// Names and values are texts of the data: they are set as text, never as markup.
function point(handler, event, item, value) {
  hint.hidden = value === null || value === undefined || value === "";
  if (hint.hidden) return;
  const { at, series, values, ...rest } = value;
  const told = Object.entries(rest).map(([name, text]) => `${name === "value" ? series ?? name : name}: ${text}`);
  const head = document.createElement("b"), lines = document.createElement("div");
  head.textContent = at ?? "";
  lines.textContent = values ?? told.join("\n");
  hint.replaceChildren(head, lines);
  const { width: wide, height: high } = hint.getBoundingClientRect();
  hint.style.left = `${Math.max(0, Math.min(event.clientX + 12, window.innerWidth - wide - 4))}px`;
  hint.style.top = `${Math.max(0, Math.min(event.clientY + 14, window.innerHeight - high - 4))}px`;
}

function fit() {
  const { height } = document.body.getBoundingClientRect();
  notify("ui/notifications/size-changed", { height: Math.ceil(height) });
}

new ResizeObserver(() => {
  if (Math.abs(document.documentElement.clientWidth - width) > 2) draw();
}).observe(document.documentElement);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

draw();
const appInfo = { name: "audience-mcp-chart", version: "1" };
const appCapabilities = { availableDisplayModes: ["inline", "fullscreen"] };
const met = await ask("ui/initialize", { appInfo, appCapabilities, protocolVersion: PROTOCOL });
Object.assign(context, met.hostContext);
draw();
notify("ui/notifications/initialized");
