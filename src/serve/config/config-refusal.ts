/** A value that a setting does not take, in the server's words. */
export class ConfigRefusal extends Error {
  override readonly name = 'ConfigRefusal';
}
