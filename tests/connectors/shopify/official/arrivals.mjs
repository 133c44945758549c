// Reads queries as JSON lines, asks the library about each, prints true or false a line.
import readline from "node:readline";
import { library } from "./library.mjs";

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { secret, query } = JSON.parse(line);
  let verdict = false;
  try {
    verdict = await library(secret).utils.validateHmac(Object.fromEntries(new URLSearchParams(query)));
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof TypeError) throw error;
  }
  console.log(String(verdict));
}
