/** How many nodes have how many units free, where an engine tells it: whether so many nodes can give so many units each. */
export class NodeFragments {
  /** By units free; index 0 are full nodes. */
  private readonly nodes: number[] = [];

  constructor(freeOnNodes: readonly number[]) {
    for (const free of freeOnNodes) this.nodes[free] = (this.nodes[free] ?? 0) + 1;
  }

  has(nodes: number, unitsEach: number): boolean {
    let found = 0;
    for (let free = unitsEach; free < this.nodes.length && found < nodes; free += 1) found += this.nodes[free] ?? 0;
    return found >= nodes;
  }

  /** Takes from the fullest nodes that can give it, so that whole nodes stay whole. */
  take(nodes: number, unitsEach: number): void {
    let left = nodes;
    for (let free = unitsEach; free < this.nodes.length && left > 0; free += 1) {
      const here = Math.min(left, this.nodes[free] ?? 0);
      if (here === 0) continue;
      this.nodes[free] = (this.nodes[free] ?? 0) - here;
      this.nodes[free - unitsEach] = (this.nodes[free - unitsEach] ?? 0) + here;
      left -= here;
    }
  }
}
