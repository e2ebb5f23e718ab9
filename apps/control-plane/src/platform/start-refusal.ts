/** The platform declines to start and says why in words an operator can act on. The entry file prints the message and exits with code 2. */
export class StartRefusal extends Error {
  override readonly name = "StartRefusal";
  readonly exitCode = 2;
}
