// Reads messages as JSON lines, has the official library of the Standard Webhooks sign each, prints the signatures.
import readline from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { secret, id, at, body } = JSON.parse(line);
  console.log(new Webhook(secret).sign(id, new Date(at * 1000), body));
}
