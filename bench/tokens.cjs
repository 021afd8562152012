// An array of strings as JSON on stdin -> the o200k_base tokens of each, as JSON on stdout. argv[2] is the package.
const { createRequire } = require("module");
const within = createRequire(`${process.argv[2]}/package.json`);
const { encode } = within("gpt-tokenizer/encoding/o200k_base");
const plain = { allowedSpecial: new Set(), disallowedSpecial: new Set() };
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => encode(text, plain).length)));
