import { englishAsides } from "./asides.js";
import type { Talk } from "./dialogue.js";

/** English lines spoken by agents on recorded calls, to be inspected for breaches. */
export const inspectionEnglish: Talk = {
  language: "en",
  system: "Inspect what the agent said. Answer with one label.",
  lexicon: {
    aside: englishAsides,
    day: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "tomorrow", "tonight"],
    sum: ["{200-990}", "{2-60} thousand", "{100-999}.80"],
    product: ["the fund", "the policy", "the loan", "the savings plan", "the gold account"],
    person: ["Mr Brown", "Mrs Hill", "Ms Stone", "Mr Park", "Mrs Wells"],
  },
  openers: {
    train: [
      "",
      "",
      "Agent:",
      "{person}, listen.",
      "Well,",
      "As I said,",
      "One moment.",
      "Hello {person}.",
      "We spoke on {day}.",
      "It is about {sum}.",
    ],
    heldOut: ["The agent speaks:", "Now then, {person},", "To be clear,", "Right,"],
  },
  closers: {
    train: [
      "",
      "",
      "Do you understand?",
      "Is that all right?",
      "I am calling about {product}.",
      "Please stay on the line.",
      "I will note it for {day}.",
      "{person}, are you there?",
      "So much about {product}.",
    ],
    heldOut: ["Are you following me?", "That is how it works.", "Shall we go on?", "This concerns {product}."],
  },
  plain: [
    "{cue}.",
    "I said {cue}.",
    "In short, {cue}.",
    "On {day} it was {cue}.",
    "{cue}, {sum}.",
    "Two words: {cue}!",
    "{cue}, {person}.",
    "About {product}: {cue}.",
    "Again, {cue}.",
    "{aside}, {cue}.",
    "{cue}, {aside}.",
    "{aside}, {cue}, {aside}.",
    "{aside}: {cue}.",
  ],
  labels: [
    {
      label: "guaranteed_return",
      lexicon: {
        cue: [
          "a guaranteed profit",
          "a guaranteed return without risk",
          "principal and interest guaranteed",
          "a guaranteed gain of {5-20} percent",
          "zero risk and guaranteed profit",
        ],
      },
      train: [
        "With {product} you get {cue}.",
        "I promise you {cue}.",
        "{product} means {cue}, I swear.",
        "Everyone who bought it had {cue}.",
        "Put in {sum} and expect {cue}.",
      ],
      heldOut: [
        "Nobody loses here: {cue}, starting {day}.",
        "Trust me, {cue} is what {product} brings.",
        "Our brochure may be careful, but I offer {cue}.",
      ],
    },
    {
      label: "threat_of_force",
      lexicon: {
        cue: ["break down your door", "send men to your house", "make you regret it for life", "hurt you badly", "smash your windows"],
      },
      train: [
        "Pay {sum} or we will {cue}.",
        "If you do not pay by {day}, we {cue}.",
        "My colleagues can {cue}.",
        "Do you want us to {cue}?",
        "We know where you live and will {cue}.",
      ],
      heldOut: [
        "{day} is your last chance before we {cue}.",
        "Owing {sum} is a good reason to {cue}.",
        "Some people around here would gladly {cue}.",
      ],
    },
    {
      label: "third_party_disclosure",
      lexicon: {
        cue: [
          "tell your boss about the debt",
          "call your parents about what you owe",
          "inform your colleagues of the debt",
          "post your debt to your neighbours",
          "let your relatives know what you owe",
        ],
      },
      train: ["I will {cue}.", "We had to {cue} on {day}.", "Pay {sum} or I {cue}.", "It is easy for us to {cue}.", "Next we {cue}."],
      heldOut: [
        "Unless {sum} arrives, expect me to {cue}.",
        "Our list of contacts is ready, so we {cue} {day}.",
        "Would it shame you if we {cue}?",
      ],
    },
    {
      label: "impersonating_authority",
      lexicon: {
        cue: ["an officer of the state court", "the state police", "a state prosecutor", "a state inspector", "the state tax office"],
      },
      train: [
        "I am calling from {cue}.",
        "This is {cue}, pay {sum}.",
        "You are speaking to {cue}.",
        "I represent {cue} in your case.",
        "{cue} here, your file is open.",
      ],
      heldOut: [
        "My badge says {cue}, so settle {sum} by {day}.",
        "Consider me {cue} from now on.",
        "On behalf of {cue} I order you to pay.",
      ],
    },
    {
      label: "abusive_language",
      lexicon: { cue: ["a miserable liar", "a stupid fool", "a worthless person", "a complete idiot", "a piece of shameless trash"] },
      train: [
        "You are {cue}.",
        "How can anyone be such {cue}?",
        "I have never met anyone like you, {cue}.",
        "Only {cue} would owe {sum}.",
        "People like you are {cue}.",
      ],
      heldOut: [
        "Frankly, {person}, you sound like {cue}.",
        "You forgot {day} again, you are such {cue}.",
        "Everyone here calls you {cue}.",
      ],
    },
    {
      label: "password_request",
      lexicon: {
        cue: ["your password", "the verification code", "your card PIN", "the password from the text message", "your login password"],
      },
      train: [
        "Read me {cue}.",
        "I need {cue} to go on.",
        "Please give me {cue} now.",
        "What is {cue}?",
        "Just tell me {cue} and {product} is ready.",
      ],
      heldOut: [
        "Spell out {cue} slowly for me.",
        "For {product} our desk requires {cue} by {day}.",
        "Without {cue} I am unable to release {sum}.",
      ],
    },
    {
      label: "private_payment",
      lexicon: {
        cue: [
          "my private account",
          "my own private card",
          "my private wallet",
          "a colleague's private account",
          "my wife's private account",
        ],
      },
      train: [
        "Send {sum} to {cue}.",
        "Transfer the money to {cue}.",
        "You can pay into {cue}.",
        "It is faster through {cue}.",
        "Put {sum} in {cue} by {day}.",
      ],
      heldOut: [
        "The company line is slow, so use {cue} for {sum}.",
        "I shall text you the number of {cue}.",
        "On {day} the deposit for {product} goes into {cue}.",
      ],
    },
    {
      label: "concealed_fee",
      lexicon: {
        cue: [
          "never mind the fee",
          "no need to read the charges",
          "the fees are not worth mentioning",
          "skip the page about costs",
          "the fee is a detail we leave out",
        ],
      },
      train: ["{cue}, just sign.", "For {product}, {cue}.", "Trust me, {cue}.", "Sign by {day}, {cue}.", "We usually say {cue}."],
      heldOut: ["You asked about {sum}, but {cue}.", "The contract for {product} is long, {cue}.", "Between us, {person}, {cue}."],
    },
    {
      label: "compliant",
      lexicon: {
        cue: [
          "this call is recorded",
          "you may ask for a repayment plan",
          "returns may rise or fall",
          "all fees are listed in the contract",
          "you can complain through our hotline",
        ],
      },
      train: [
        "Please note that {cue}.",
        "I must tell you that {cue}.",
        "For {product}, {cue}.",
        "Before {day} you should know: {cue}.",
        "To remind you, {cue}.",
      ],
      heldOut: ["Our rules say {cue}, {person}.", "Even for {sum}, {cue}.", "Take your time until {day}; {cue}."],
    },
  ],
};
