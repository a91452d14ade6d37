import { firstRun } from "../tests/first-run.ts";

// From the README to an imported contact: `npm start` in an empty folder on a free port, the setup link, an organization,
// a CSV file. Prints how long each step took, and fails where one fails or the product does not stop again.

try {
  const { reached, product } = await firstRun();
  for (const { step, seconds } of reached) console.log(`${seconds.toFixed(1).padStart(6)} s  ${step}`);
  await product.stop();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
