/** Errors across threads: what structured cloning leaves of a class of ours is a plain Error, so they travel as data. */
import {
  EncodeError,
  type ErrorCode,
  FormatError,
  LimitError,
  RedisFileError,
  TruncatedError,
  UnsupportedError,
} from '../bytes/errors.js';
import type { ErrorData } from './task.js';

export function errorToData(error: unknown): ErrorData {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const format = error instanceof FormatError ? error : undefined;
  return {
    name,
    message,
    stack,
    code: error instanceof RedisFileError ? error.code : undefined,
    offset: format?.offset,
    innerOffset: format?.innerOffset,
    trail: format?.trail ?? [],
  };
}

export function errorFromData(data: ErrorData): Error {
  const error = make(data);
  if (data.stack !== undefined) error.stack = data.stack;
  if (error instanceof FormatError) {
    error.innerOffset = data.innerOffset;
    error.trail.push(...data.trail);
  }
  return error;
}

function make({ name, message, code, offset = 0 }: ErrorData): Error {
  switch (name) {
    case 'TruncatedError':
      return new TruncatedError(message, offset);
    case 'UnsupportedError':
      return new UnsupportedError(code as ErrorCode, message, offset);
    case 'LimitError':
      return new LimitError(code as ErrorCode, message, offset);
    case 'FormatError':
      return new FormatError(code as ErrorCode, message, offset);
    case 'EncodeError':
      return new EncodeError(message.slice(new EncodeError('').message.length));
    default:
      return Object.assign(new Error(message), { name });
  }
}
