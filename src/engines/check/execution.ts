/** The present execution of a DPOR search, for all that look at it: its events, its choices, and the machine that it runs on. */
import { ChoiceNumbers } from "./choice-numbers.ts";
import { EventLog } from "./clocks.ts";
import { GraceOrder } from "./grace-order.ts";
import type { CheckMachine } from "./machine.ts";
import { Choices } from "./races.ts";
import { Touches } from "./touches.ts";

export class Execution {
  readonly machine: CheckMachine;
  /** Its events; state `log.length` is the newest one. */
  readonly log: EventLog;
  /** By state. */
  readonly choices = new Choices();
  readonly numbers: ChoiceNumbers;
  readonly grace: GraceOrder;
  readonly touches: Touches;

  constructor(machine: CheckMachine) {
    this.machine = machine;
    this.log = new EventLog(machine.actorCount);
    this.numbers = new ChoiceNumbers(machine.actorCount);
    this.grace = new GraceOrder(machine, this.log);
    this.touches = new Touches(machine, this.grace);
  }
}
