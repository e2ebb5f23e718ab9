import { AsyncLocalStorage } from "node:async_hooks";

/** The idempotency key under which the current request runs. */
export interface EffectScope {
  readonly userId: string;
  readonly path: string;
  readonly key: string;
}

const scopes = new AsyncLocalStorage<EffectScope>();

/** Runs a request under its key: what it changes is noted at the key in the changing transaction itself. */
export function withEffectScope<T>(scope: EffectScope, run: () => T): T {
  return scopes.run(scope, run);
}

/** Runs what is no effect of the request, such as the record that it was refused: its key stays free for another try. */
export function outsideEffectScope<T>(run: () => T): T {
  return scopes.exit(run);
}

export function currentEffectScope(): EffectScope | undefined {
  return scopes.getStore();
}
