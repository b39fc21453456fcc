// Verdicts of ajv on the payloads of standard input: {"schema", "draft", "payloads"} in, [true, false, ...] out.
const { schema, draft, payloads } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const Ajv = draft === "7" ? require("ajv").default : require("ajv/dist/2020").default;
// Without a precision ajv counts in binary and refuses 0.07 as a multiple of 0.01.
const ajv = new Ajv({ strict: false, validateFormats: true, multipleOfPrecision: 9 });
require("ajv-formats").default(ajv);
const valid = ajv.compile(schema);
process.stdout.write(JSON.stringify(payloads.map((each) => valid(each))));
