// A reader of HTTP archives: har-validator-compiled judges the file that is named, by the schema of the format.
//
//   node har.mjs FILE
import { readFile } from "node:fs/promises";
import { validateHar } from "har-validator-compiled";

const archive = JSON.parse(await readFile(process.argv[2], "utf8"));
try {
  validateHar(archive);
} catch (broken) {
  console.error(broken.message, JSON.stringify(broken.errors));
  process.exit(1);
}
console.log(archive.log.entries.length);
