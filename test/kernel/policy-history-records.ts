/** A step of a history as the records that do it. Whoever asks for them sees to it that no script error comes of them. */
import { LoadFlags, PolicyMode } from "../../src/kernel/events.ts";
import { unconfinedName } from "../../src/policy/label-parts.ts";
import { administrator, numbers, type Step } from "./policy-history.ts";
import type { Line } from "./support.ts";

/** Who runs while the step is executed. */
export function taskOf(step: Step): number {
  return "task" in step ? step.task : administrator;
}

export function recordsOf(step: Step): Line[] {
  switch (step.do) {
    case "create": {
      const path = numbers.namespaces[step.namespace] as readonly string[];
      const parent = numbers.namespace(path.slice(0, -1));
      const unconfined = numbers.profile({ namespace: path, profile: unconfinedName });
      return [["createNamespace", step.namespace, parent, unconfined]];
    }
    case "destroy":
      return [["destroyNamespace", step.namespace]];
    case "load":
      return step.set.map(({ profile, mode }, at): Line => {
        const more = at < step.set.length - 1 ? LoadFlags.more : 0;
        return ["loadProfile", profile, PolicyMode[mode], (step.replace ? LoadFlags.replace : 0) | more];
      });
    case "remove":
      return [["removeProfile", step.profile]];
    case "change":
      return [["changeProfile", step.profile]];
    case "stack":
      return [["stackProfile", step.profile]];
    case "hat":
      return [["changeHat", step.profile]];
    case "fork":
      return [["fork", step.child, step.thread ? 1 : 0]];
    case "exit":
      return [["exit"]];
    case "open":
    case "socket":
    case "close":
      return [[step.do, step.fd]];
    case "use":
      return [["permission", step.fd, step.mask]];
    case "dup":
      return [["dup", step.fd, step.to]];
    case "pass":
      return [["passFile", step.fd, step.channel]];
    case "receive":
      return [["receiveFile", step.fd, step.channel]];
    case "signal":
      return [["signalTask", step.target]];
    case "keep":
      return [["keepLabel", step.slot]];
    case "drop":
      return [["dropLabel", step.slot]];
    case "parse":
      return [["parseLabel", step.slot]];
    case "lookUp":
      return [["lookUpLabel", step.slot]];
    case "openText":
      return [["openRawdata", step.profile, step.slot]];
    case "closeText":
      return [["closeRawdata", step.slot]];
    case "grace":
      return [];
  }
}

/** Whether the step comes to a policy result, which `answer` can write down. */
export function hasAnswer(step: Step): boolean {
  switch (step.do) {
    case "create":
    case "destroy":
    case "load":
    case "remove":
    case "change":
    case "stack":
    case "hat":
    case "parse":
    case "openText":
      return true;
    default:
      return false;
  }
}
