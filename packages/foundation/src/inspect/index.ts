export type { BaseModules } from "./base-modules.js";
export { aSafetensorsFile, type TensorToMake } from "./builders.js";
export type { CheckpointFile, CheckpointSource } from "./checkpoint-source.js";
export { type InspectionResult, inspectCheckpoint, readBaseModules } from "./inspect-checkpoint.js";
export { termsOfLicence } from "./licence-terms.js";
export { readTensors } from "./safetensors-header.js";
