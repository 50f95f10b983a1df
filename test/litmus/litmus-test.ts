/** What a litmus test says: a program and every outcome it may have. */
import type { LitmusProgram } from "./litmus-problem.ts";

export interface LitmusTest extends LitmusProgram {
  /** As the literature calls it. */
  readonly name: string;
  /** The question in one sentence. */
  readonly asks: string;
  /** Outcomes under sequential consistency: what each actor returned, then each finish call, joined by commas; sorted. */
  readonly sc: readonly string[];
  /** Outcomes that x86-TSO adds. */
  readonly tsoOnly: readonly string[];
  readonly source: string;
}

export const owens = 'Owens, Sarkar, Sewell, "A better x86 memory model: x86-TSO", TPHOLs 2009';
export const intel = "Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3A, section";
export const herding = 'Alglave, Maranget, Tautschnig, "Herding cats", TOPLAS 2014';
export const frightening =
  'Alglave, Maranget, McKenney, Parri, Stern, "Frightening small children and disconcerting grown-ups", ASPLOS 2018';
