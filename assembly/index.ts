/** The ABI, by family. What the marshalling of src/kernels/wasm may call is exported here and nowhere else. */
export * from './abi/pointwise';
export * from './abi/softmax';
export * from './abi/rows';
export * from './abi/embedding';
export * from './abi/ctc';
export * from './abi/scoring';
export * from './abi/tools';
export * from './abi/distillation';
export * from './abi/gemm';
