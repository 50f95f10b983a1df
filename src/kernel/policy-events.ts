/**
 * Policy events of scripts: the administrator's part (profiles, namespaces), what tasks do to their own labels, and users of labels
 * that are no tasks. Apart from the interpreter's loop, which must stay small.
 */
import { type i32, type ptr, store, u32 } from "refplay/machine";
import { enterKernel } from "refplay/strategy";
import { ScriptError } from "./audit.ts";
import { Event } from "./events.ts";
import { signalHook } from "./hooks.ts";
import { dropLabel, keepLabel, lookUpLabel, parseLabel } from "./kept-labels.ts";
import { loadProfile } from "./load-set.ts";
import { nameChild, nameGive, nameOf, nameProfile } from "./names.ts";
import { createNamespace, destroyNamespace } from "./policy.ts";
import { policyResult, writeAnswer } from "./policy-result.ts";
import { closeText, openText } from "./policy-texts.ts";
import { Profile } from "./profile.ts";
import { scriptError } from "./script-errors.ts";
import { stall } from "./stall.ts";
import { taskLabel } from "./task.ts";
import { changeHat, stackProfile } from "./task-label.ts";

/** Executes a record with one of the events from `nameProfile` on; `task` is the CPU's task or 0. */
export function policyEvent(cpu: i32, task: ptr, event: i32, a: i32, b: i32, c: i32): void {
  switch (event) {
    case Event.nameProfile:
    case Event.nameChild:
      nameEvent(cpu, event, a, b, c);
      break;
    case Event.createNamespace:
      policyResult(cpu, createNamespace(cpu, a, b, c));
      break;
    case Event.destroyNamespace:
      policyResult(cpu, destroyNamespace(cpu, a));
      break;
    case Event.loadProfile:
      loadProfile(cpu, a, b, c);
      break;
    case Event.answer:
      writeAnswer(cpu, a);
      break;
    case Event.dropLabel:
      dropLabel(cpu, a);
      break;
    case Event.parseLabel:
      policyResult(cpu, parseLabel(cpu, a));
      break;
    case Event.lookUpLabel:
      lookUpLabel(cpu, a);
      break;
    case Event.openRawdata:
      openText(cpu, a, b);
      break;
    case Event.closeRawdata:
      closeText(cpu, a);
      break;
    case Event.stall:
    case Event.stackProfile:
    case Event.changeHat:
    case Event.keepLabel:
    case Event.signalTask:
      if (task === 0) scriptError(cpu, ScriptError.badTask);
      else taskEvent(cpu, task, event, a, b);
      break;
    default:
      scriptError(cpu, ScriptError.badRecord);
      break;
  }
}

/** What the task itself asks for. */
function taskEvent(cpu: i32, task: ptr, event: i32, a: i32, b: i32): void {
  enterKernel(cpu, task);
  if (event === Event.stackProfile) stackProfile(cpu, task, a);
  else if (event === Event.changeHat) changeHat(cpu, task, a);
  else if (event === Event.stall) stall(cpu, task, a, b);
  else if (event === Event.keepLabel) keepLabel(cpu, a, taskLabel(task));
  else signalHook(cpu, a);
}

/** What the host says of names. */
function nameEvent(cpu: i32, event: i32, a: i32, b: i32, c: i32): void {
  const name: ptr = nameOf(a);
  if (name === 0) scriptError(cpu, ScriptError.badProfile);
  else if (event === Event.nameProfile) {
    nameGive(name, b, c);
    // The root's unconfined is there already, alone in its set.
    if (a === 0) store(nameProfile(name) + Profile.rank, c);
  } else if (u32(b) >= u32(a) || nameOf(b) === 0) scriptError(cpu, ScriptError.badProfile);
  else nameChild(name, b, c);
}
