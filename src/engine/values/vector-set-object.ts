/**
 * A vector set (module `vectorset`, Redis 8.0) that commands have made or changed: its elements, with their vectors as they
 * were given. The graph that the server builds over them, and that a dump of it consists of, is not known here.
 */
import { type ByteString, toByteString } from '../../bytes/byte-string.js';
import { EncodeError } from '../../bytes/errors.js';
import type { ModuleValue, VectorSet } from '../../rdb/model.js';
import { VECTORSET_MODULE } from '../../rdb/vectorset.js';
import { OpaqueObject } from './opaque-object.js';

export type VectorQuantization = VectorSet['quantization'];

export interface VectorShape {
  readonly dim: number;
  readonly quantization: VectorQuantization;
  readonly m: number;
  /** Components that a vector had before it was projected to `dim`. */
  readonly inputDim: number | undefined;
}

export interface VectorElement {
  /** As given, or as a dump has it; before a projection, if there is one. */
  vector: readonly number[];
  /** `''`: none. */
  attribute: ByteString;
}

const NO_ITEMS: ModuleValue = { type: 'module', encoding: 'module', module: VECTORSET_MODULE, version: 0, items: [] };

export class VectorSetObject extends OpaqueObject {
  readonly elements = new Map<ByteString, VectorElement>();

  constructor(readonly shape: VectorShape) {
    super(NO_ITEMS);
  }

  /** What a dump has, to be changed; undefined where its layout is not known. */
  static fromModule(value: ModuleValue): VectorSetObject | undefined {
    const { decoded } = value;
    if (decoded === undefined) return undefined;
    const { dim, quantization, m, projectionInputDim } = decoded;
    const set = new VectorSetObject({ dim, quantization, m, inputDim: projectionInputDim });
    for (const { element, attribute, vector } of decoded.elements)
      set.elements.set(toByteString(element), { vector, attribute: attribute ? toByteString(attribute) : '' });
    return set;
  }

  /** Throws EncodeError. */
  override toRdb(): never {
    throw new EncodeError('a vector set that was changed by commands has a graph that only its server knows');
  }

  override copy(): VectorSetObject {
    const copy = new VectorSetObject(this.shape);
    for (const [name, { vector, attribute }] of this.elements) copy.elements.set(name, { vector, attribute });
    return copy;
  }
}
