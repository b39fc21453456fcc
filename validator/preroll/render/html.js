"use strict";
(() => {
  // Without this script everything is shown; with it, what is not wanted is hidden.
  const form = document.getElementById("filters");
  const entries = Array.from(document.querySelectorAll(".entry"), (node) => ({
    node,
    file: node.dataset.file,
    target: node.dataset.target,
    findings: Array.from(node.querySelectorAll("article"), (each) => ({
      node: each, rule: each.dataset.rule, severity: each.className, text: null,
    })),
  }));
  const options = (id, values) => {
    const list = document.getElementById(id);
    for (const value of Array.from(new Set(values)).sort()) {
      const option = document.createElement("option");
      option.value = option.textContent = value;
      if (value) list.append(option);
    }
  };
  options("files", entries.slice(0, 500).map((each) => each.file));
  options("target", entries.map((each) => each.target));
  options("rule", entries.flatMap((each) => each.findings.map((finding) => finding.rule)));

  const wanted = () => {
    const data = new FormData(form);
    return {
      words: data.get("words").toLowerCase().split(/\s+/).filter(Boolean),
      file: data.get("file").toLowerCase(),
      rule: data.get("rule"),
      target: data.get("target"),
      severities: new Set(data.getAll("severity")),
    };
  };
  const show = () => {
    const want = wanted();
    let count = 0, payloads = 0;
    const plain = !want.words.length && !want.file && !want.rule && !want.target;
    for (const entry of entries) {
      const here = (!want.file || entry.file.toLowerCase().includes(want.file))
        && (!want.target || entry.target === want.target);
      let some = here && !entry.findings.length && plain;
      for (const finding of entry.findings) {
        let fits = here && want.severities.has(finding.severity) && (!want.rule || finding.rule === want.rule);
        if (fits && want.words.length) {
          finding.text ??= (entry.file + " " + finding.node.textContent).toLowerCase();
          fits = want.words.every((word) => finding.text.includes(word));
        }
        finding.node.hidden = !fits;
        count += fits;
        some ||= fits;
      }
      entry.node.hidden = !some;
      payloads += some;
    }
    const told = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
    document.getElementById("count").textContent = `${told(count, "finding")} in ${told(payloads, "payload")}`;
    document.getElementById("nothing").hidden = payloads > 0 || !entries.length;
  };
  let timer;
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, entries.length > 500 ? 150 : 0); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  document.querySelectorAll("[data-pick]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => { form.elements.rule.value = button.dataset.pick; show(); });
  });
  form.hidden = false;
  show();
})();
