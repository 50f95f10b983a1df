/**
 * `npm run torture:broken [rounds] [names...]`: how soon torture finds the deliberate bugs of strategies/broken/. Prints the table of
 * docs/torture.md: in rounds, since time depends on the machine.
 */
import { strategyNamed, strategyNames } from "./program.ts";
import { runRound } from "./round.ts";

const seed = "broken";
const [given = "12", ...names] = process.argv.slice(2);
const mostRounds = Number(given);
if (!Number.isInteger(mostRounds) || mostRounds < 1) throw new RangeError(`${given} rounds`);

console.log("| deliberate bug | verdict of the checker | found in round | as |");
console.log("| --- | --- | --- | --- |");
for (const name of names.length === 0 ? strategyNames(true) : names) {
  const strategy = strategyNamed(name);
  let found = `not in ${mostRounds}`;
  let as = "";
  for (let number = 0; number < mostRounds; number++) {
    const { wrong } = await runRound(strategy, seed, number);
    const kinds = Object.keys(wrong);
    if (kinds.length === 0) continue;
    found = String(number + 1);
    as = kinds.slice(0, 4).join(", ");
    break;
  }
  const short = name.replace("broken/", "");
  console.log(`| \`${short}\` | ${strategy.meta.expect?.verdict ?? ""} | ${found} | ${as} |`);
}
