import type { Pyramid } from "@ziggurat/contracts";

/** Children of every version, in two arrays: those of `i` lie in `list` from `start[i]` to `start[i + 1]`. */
export interface Children {
  readonly start: Int32Array;
  readonly list: Int32Array;
}

export function childrenOf(parent: Pyramid["parent"]): Children {
  const start = new Int32Array(parent.length + 1);
  for (const at of parent) if (at >= 0) start[at + 1] = (start[at + 1] ?? 0) + 1;
  for (let index = 1; index < start.length; index++) start[index] = (start[index] ?? 0) + (start[index - 1] ?? 0);
  const next = start.slice();
  const list = new Int32Array(start[parent.length] ?? 0);
  parent.forEach((at, index) => {
    if (at < 0) return;
    list[next[at] ?? 0] = index;
    next[at] = (next[at] ?? 0) + 1;
  });
  return { start, list };
}

export interface Family {
  readonly self: number;
  /** From the direct parent to the ground. */
  readonly ancestors: readonly number[];
  readonly descendants: readonly number[];
  /** 1 for every member, the version itself included. */
  readonly mask: Uint8Array;
}

/** Everything a version stands on and everything that stands on it, along first parents. */
export function familyOf(self: number, parent: Pyramid["parent"], children: Children): Family {
  const mask = new Uint8Array(parent.length);
  mask[self] = 1;
  const ancestors: number[] = [];
  for (let at = parent[self] ?? -1; at >= 0 && mask[at] === 0; at = parent[at] ?? -1) {
    mask[at] = 1;
    ancestors.push(at);
  }
  const descendants: number[] = [];
  const queue = [self];
  for (let head = 0; head < queue.length; head++) {
    const at = queue[head] ?? 0;
    for (let place = children.start[at] ?? 0; place < (children.start[at + 1] ?? 0); place++) {
      const child = children.list[place] ?? 0;
      if (mask[child] === 1) continue;
      mask[child] = 1;
      descendants.push(child);
      queue.push(child);
    }
  }
  return { self, ancestors, descendants, mask };
}
