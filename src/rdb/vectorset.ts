/** What is behind the items of the module `vectorset` (Redis 8.0+), as the server's own commands tell it. */
import { decodeFloatLe } from '../codecs/double.js';
import type { ModuleItem, VectorSet, VectorSetElement } from './model.js';
import { decodeVectorSetLayout, type VectorNode, type VectorQuantization } from './vectorset-layout.js';

export const VECTORSET_MODULE = 'vectorset';

/** Undefined where the items do not have the layout of a vector set: they still stand for themselves. */
export function decodeVectorSet(items: readonly ModuleItem[]): VectorSet | undefined {
  const layout = decodeVectorSetLayout(items);
  if (layout === undefined) return undefined;
  const { dim, quantization, m, projection, nodes } = layout;
  return {
    dim,
    quantization,
    m,
    ...(projection !== undefined && { projectionInputDim: projection.inputDim }),
    elements: nodes.map((node) => decodeElement(node, dim, quantization)),
  };
}

function decodeElement(node: VectorNode, dim: number, quantization: VectorQuantization): VectorSetElement {
  const { element, attribute, level } = node;
  return {
    element,
    ...(attribute !== undefined && attribute.length > 0 && { attribute }),
    vector: dequantize(node, dim, quantization),
    level,
  };
}

/** The components as VEMB gives them: one bit is ±1, the others are scaled by their range and by the norm of the vector. */
function dequantize(
  { vector: bytes, range, norm }: VectorNode,
  dim: number,
  quantization: VectorQuantization,
): number[] {
  const vector: number[] = [];
  for (let at = 0; at < dim; at++) {
    if (quantization === 'bin') vector.push((bytes[at >> 3]! >> (at & 7)) & 1 ? 1 : -1);
    else if (quantization === 'f32') vector.push(decodeFloatLe(bytes, at * 4) * norm);
    else vector.push((((bytes[at]! << 24) >> 24) * range * norm) / 127);
  }
  return vector;
}
