/**
 * The whole ABI as one module, for `initSync`. What is embedded are its parts, a module a file of abi/. What the marshalling of src/kernels/wasm may
 * call is exported there and nowhere else.
 */
export * from './abi/tools';
export * from './abi/regression';
export * from './abi/binary';
export * from './abi/crossEntropy';
export * from './abi/focal';
export * from './abi/softmax';
export * from './abi/tokenStats';
export * from './abi/topLogProbs';
export * from './abi/margins';
export * from './abi/divergences';
export * from './abi/embeddings';
export * from './abi/ctc';
export * from './abi/gemm';
