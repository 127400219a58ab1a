// Bundles Uppy into one ES module and writes its licences beside it: `node build.mjs OUTPUT_DIRECTORY`.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const out = process.argv[2];
const { metafile, outputFiles } = await build({
  entryPoints: ["uppy.js"], bundle: true, format: "esm", minify: true, target: "es2022", legalComments: "none",
  metafile: true, write: false,
});

const inside = new Set();
for (const path of Object.keys(metafile.inputs)) {
  const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  if (found) inside.add(found[1]);
}
const packages = [];
for (const name of [...inside].sort()) {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  packages.push({ title: `${name} ${version} (${license})`, text: file ? await readFile(join(folder, file), "utf8") : "" });
}

const titles = packages.map(({ title }) => title);
const bundle = `/* Bundled by \`make vendor\`; licences in uppy.LICENCES.txt.\n * ${titles.join("\n * ")}\n */\n${outputFiles[0].text}`;
const licences = packages.map(({ title, text }) => `${title}\n${"=".repeat(title.length)}\n\n${text.trim()}\n`).join("\n\n");
await writeFile(join(out, "uppy.js"), bundle);
await writeFile(join(out, "uppy.LICENCES.txt"), licences);
await writeFile("SHA256SUMS", `${createHash("sha256").update(bundle).digest("hex")}  uppy.js\n`);
