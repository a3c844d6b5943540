/**
 * An instance of the compiled kernels with memory of its own: for one window, its row table and what is written from it.
 *
 * Everything that a kernel does, a twin in TypeScript does too: that is what runs where there is no workspace, because
 * WebAssembly is missing or refused, because RDB_INSPECT_KERNEL=ts says so, or because there is no memory for one more.
 */
import type { KernelExports } from './kernel-exports.js';
import { OUT, OUT_SIZE, WINDOW, WINDOW_SIZE } from './memory-map.js';
import { WASM_BASE64 } from './wasm-generated.js';

/** Bytes behind the window that wide loads may touch. */
const SPARE = 64;

export class Workspace {
  /** All of the memory. */
  readonly bytes: Uint8Array;
  /** The window's part of it, with spare bytes behind. */
  readonly window: Uint8Array;
  readonly out: Uint8Array;

  constructor(readonly kernels: KernelExports) {
    const { buffer } = kernels.memory;
    this.bytes = new Uint8Array(buffer);
    this.window = new Uint8Array(buffer, WINDOW, WINDOW_SIZE + SPARE);
    this.out = new Uint8Array(buffer, OUT, OUT_SIZE);
  }

  /** A column of the row table, or some of the state. */
  int32(address: number, length: number): Int32Array {
    return new Int32Array(this.kernels.memory.buffer, address, length);
  }

  float64(address: number, length: number): Float64Array {
    return new Float64Array(this.kernels.memory.buffer, address, length);
  }

  uint8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.kernels.memory.buffer, address, length);
  }
}

let compiled: WebAssembly.Module | undefined;
/** Once refused, always refused. */
let isRefused = environment() === 'ts';

/** The compiled code, which threads can share; undefined where TypeScript has to do. */
export function compiledKernels(): WebAssembly.Module | undefined {
  if (isRefused) return undefined;
  try {
    compiled ??= new WebAssembly.Module(decodeBase64(WASM_BASE64));
  } catch {
    // It may be forbidden, or SIMD unknown.
    isRefused = true;
  }
  return compiled;
}

/** Takes what {@link compiledKernels} gave another thread. */
export function shareKernels(module: WebAssembly.Module | undefined): void {
  compiled = module;
  isRefused = module === undefined;
}

/** Undefined where TypeScript has to do. */
export function openWorkspace(): Workspace | undefined {
  const module = compiledKernels();
  if (module === undefined) return undefined;
  try {
    const { exports } = new WebAssembly.Instance(module, { env: { abort } });
    return new Workspace(exports as unknown as KernelExports);
  } catch {
    // Addresses may have run out: the twins give the same answers.
    return undefined;
  }
}

function abort(): void {
  throw new Error('a kernel gave up');
}

function environment(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.RDB_INSPECT_KERNEL;
}

/** `atob` is everywhere. */
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let pos = 0; pos < letters.length; pos++) bytes[pos] = letters.charCodeAt(pos);
  return bytes;
}
