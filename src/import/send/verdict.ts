/** What a failure of the target means for the import: whether it goes on without the key, or ends. */
import type { TargetError, TargetErrorCode } from '../target/target-error.js';

/** About one key: the import goes on without it. */
const ABOUT_A_KEY: ReadonlySet<TargetErrorCode> = new Set<TargetErrorCode>([
  'BUSYKEY',
  'BAD_PAYLOAD',
  'REPLY',
  'CROSSSLOT',
]);

/** It ends the import: neither time nor another server helps, and no other key would fare better. */
export function isFatal(error: TargetError): boolean {
  if (error.isTransient || ABOUT_A_KEY.has(error.code)) return false;
  return !(error.code === 'NOPERM' && isAboutKeys(error));
}

/** The target may take commands where it did not take this RESTORE. */
export function isRefusedPayload({ code, message }: TargetError): boolean {
  return code === 'BAD_PAYLOAD' || (code === 'REPLY' && /unknown command|syntax error|modules/i.test(message));
}

/** A user whose patterns leave the key out (acl.c). */
function isAboutKeys({ message }: TargetError): boolean {
  return /access (a key|(at least )?one of the keys)/i.test(message);
}

/** The key was there for a moment only: it had expired before it got its name. */
export function hasVanished({ code, message }: TargetError): boolean {
  return code === 'REPLY' && /no such key/i.test(message);
}

/** Without the server, which is no matter of the key. */
export function reasonOf({ message, address }: TargetError): string {
  return message.startsWith(`${address}: `) ? message.slice(address.length + 2) : message;
}
