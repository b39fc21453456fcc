// Verdicts of ajv: a list of {"schema", "draft", "payloads"} on standard input, a list of lists of booleans out.
const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
const verdicts = jobs.map(({ schema, draft, payloads }) => {
  const Ajv = draft === "7" ? require("ajv").default : require("ajv/dist/2020").default;
  // Without a precision ajv counts in binary and refuses 0.07 as a multiple of 0.01.
  const ajv = new Ajv({ strict: false, validateFormats: true, multipleOfPrecision: 9 });
  require("ajv-formats").default(ajv);
  const valid = ajv.compile(schema);
  return payloads.map((each) => valid(each));
});
process.stdout.write(JSON.stringify(verdicts));
