/** Which addresses only this machine can reach: a server without a password listens to no others. */

const LOOPBACK_V4 = /^127(\.\d{1,3}){3}$/;

/** Those of `bind` that others could reach: anything but loopback. */
export function unsafeAddresses(bind: readonly string[]): string[] {
  return bind.filter((address) => !isLoopback(address.startsWith('-') ? address.slice(1) : address));
}

function isLoopback(address: string): boolean {
  if (address === 'localhost' || address === '::1') return true;
  return LOOPBACK_V4.test(address.replace(/^::ffff:/i, ''));
}
