// Writes the model as ONNX. It knows nothing of how the model was trained.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { NgramModel } from './model.mjs';

const { root } = protobuf.parse(readFileSync(new URL('onnx.proto', import.meta.url), 'utf8'), {
  keepCase: true,
});
const ModelProto = root.lookupType('onnx.ModelProto');

const FLOAT = 1;
const INT64 = 7;

// ONNX is little-endian, as typed arrays are on all but a few mainframes.
const raw = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const floats = (name, dims, array) => ({ name, dims, data_type: FLOAT, raw_data: raw(array) });
const ints = (name, dims, values) => ({
  name,
  dims,
  data_type: INT64,
  raw_data: raw(BigInt64Array.from(values, BigInt)),
});
const node = (op_type, input, output) => ({ op_type, name: output, input, output: [output] });
const value = (name, elem_type, dims) => ({
  name,
  type: {
    tensor_type: {
      elem_type,
      shape: {
        dim: dims.map((dim) => (typeof dim === 'string' ? { dim_param: dim } : { dim_value: dim })),
      },
    },
  },
});

/** `input_ids` int64 [batch, sequence] -> `logits` float32 [batch, sequence, V]; the sizes of a batch are free. */
function graph({ bigram, trigram, vocabulary, start }) {
  return {
    name: 'ngram',
    input: [value('input_ids', INT64, ['batch', 'sequence'])],
    output: [value('logits', FLOAT, ['batch', 'sequence', vocabulary])],
    initializer: [
      floats('bigram', [vocabulary, vocabulary], bigram),
      floats('trigram', [NgramModel.ROWS, vocabulary], trigram),
      ints('start', [], [start]),
      ints('rows', [], [NgramModel.ROWS]),
      ints('factor', [], [NgramModel.FACTOR]),
      ints('one_before', [4], [0, 1, 0, 0]),
      ints('first', [1], [0]),
      ints('but_last', [1], [-1]),
      ints('along_sequence', [1], [1]),
    ],
    node: [
      // The ids moved right by one, with `start` before the first: nothing comes from the right.
      node('Pad', ['input_ids', 'one_before', 'start'], 'padded'),
      node('Slice', ['padded', 'first', 'but_last', 'along_sequence'], 'previous_ids'),
      node('Mul', ['previous_ids', 'factor'], 'scaled'),
      node('Add', ['scaled', 'input_ids'], 'pair'),
      node('Mod', ['pair', 'rows'], 'pair_row'),
      node('Gather', ['bigram', 'input_ids'], 'bigram_logits'),
      node('Gather', ['trigram', 'pair_row'], 'trigram_logits'),
      node('Add', ['bigram_logits', 'trigram_logits'], 'logits'),
    ],
  };
}

/**
 * @param {NgramModel} model
 * @returns {Uint8Array} the content of an .onnx file
 */
export function toOnnx(model) {
  const message = {
    ir_version: 8,
    producer_name: 'losskit examples',
    opset_import: [{ domain: '', version: 17 }],
    graph: graph(model),
  };
  const problem = ModelProto.verify(message);
  if (problem) throw new Error(`not an ONNX model: ${problem}`);
  return ModelProto.encode(message).finish();
}
