import type { DialogueScenario } from "./dialogue.js";
import { inspectionEnglish } from "./inspection-en.js";
import { inspectionChinese } from "./inspection-zh.js";
import { serviceEnglish } from "./service-en.js";
import { serviceChinese } from "./service-zh.js";

/** Which intent a customer's message has: ten labels in each language. */
export const customerService: DialogueScenario = { id: "customer_service", talks: [serviceEnglish, serviceChinese] };

/** Which rule an agent's line on a recorded call breaks, if any: nine labels in each language. */
export const callInspection: DialogueScenario = { id: "call_inspection", talks: [inspectionEnglish, inspectionChinese] };
