// The page's beginning: one consumer for all its conversations.

import { createConsumer } from "trunkline"

import { startConversations } from "./conversations.ts"
import { find } from "./dom.ts"
import { showFacts } from "./facts.ts"
import { offerFaults } from "./faults.ts"

const consumer = createConsumer("/cable", { worker: "/assets/trunkline-worker.js" })
const workbench = find(document, ".workbench", HTMLElement)
const faults = offerFaults(workbench)
const facts = showFacts(workbench, consumer, report => faults.update(report))
startConversations(consumer, facts.recovered)
find(workbench, ".workbench__fold", HTMLDetailsElement).open = matchMedia("(min-width: 901px)").matches
