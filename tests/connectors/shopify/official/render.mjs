// Renders the player block for the given objects, as a theme would; prints the HTML.
import fs from "node:fs";
import path from "node:path";
import { Liquid } from "liquidjs";

const [folder, scope] = [process.argv[2], JSON.parse(process.argv[3])];
const words = JSON.parse(fs.readFileSync(path.join(folder, "locales", "en.default.json"), "utf8"));
const engine = new Liquid({ strictFilters: true });
engine.registerFilter("t", (key, ...given) =>
  given.reduce(
    (text, [name, value]) => text.replace(`{{ ${name} }}`, value),
    key.split(".").reduce((found, name) => found[name], words),
  ),
);
engine.registerTag("schema", {
  parse(token, remaining) {
    while (remaining.length && remaining[0].name !== "endschema") remaining.shift();
    remaining.shift();
  },
  render: () => "",
});
const block = fs.readFileSync(path.join(folder, "blocks", "player.liquid"), "utf8");
console.log(await engine.parseAndRender(block, scope));
