// Runs Shopify's theme check as for an app's theme extension; prints the offences and how many checks ran.
import { themeCheckRun } from "@shopify/theme-check-node";

const { offenses, theme, config } = await themeCheckRun(process.argv[2], "theme-check:theme-app-extension");
const found = offenses.map(({ check, message, uri }) => `${uri.split("/").at(-1)}: ${check}: ${message}`);
console.log(JSON.stringify({ offences: found, files: theme.length, checks: config.checks.length }));
