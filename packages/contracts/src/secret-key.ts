import { z } from "zod";

/** How far the secrets in the database lie under the key that is set. */
export const SecretKeyState = z.strictObject({
  /** Tells one key from another and nothing more about it; null: no key is set, and secrets lie open. */
  keyId: z.string().nullable(),
  /** Whether nothing lies under another key, or open, any more: previous keys may then be taken away. */
  isDone: z.boolean(),
  secrets: z.array(
    z.strictObject({
      /** What they are, by the name of their table. */
      kind: z.string(),
      current: z.number().int(),
      waiting: z.number().int(),
    }),
  ),
});
export type SecretKeyState = z.infer<typeof SecretKeyState>;
