import { englishAsides } from "./asides.js";
import type { Talk } from "./dialogue.js";

/** English messages to a bank's customer service. */
export const serviceEnglish: Talk = {
  language: "en",
  system: "Route the customer message. Answer with one label.",
  lexicon: {
    aside: englishAsides,
    when: ["yesterday", "this morning", "last night", "on {day}", "two days ago", "an hour ago"],
    day: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    where: ["on the bus", "at the station", "in a shop", "at the airport", "in a restaurant", "near the park"],
    sum: ["{20-990}", "{2-60} thousand", "{100-999}.50"],
    who: ["my sister", "my mother", "my landlord", "a friend", "my son", "a supplier"],
    city: ["Bristol", "Lyon", "Boston", "Oslo", "Dublin", "Toronto"],
  },
  openers: {
    train: [
      "",
      "",
      "Hello,",
      "Hi there,",
      "Good morning,",
      "Excuse me,",
      "Dear team,",
      "I am a customer from {city}.",
      "I wrote to you {when}.",
      "My branch is closed on {day}.",
    ],
    heldOut: ["Good evening,", "Hey,", "To whom it may concern,", "Sorry to bother you,"],
  },
  closers: {
    train: [
      "",
      "",
      "Please help.",
      "What should I do?",
      "Thank you.",
      "I am waiting for your answer.",
      "You can call me on {day}.",
      "{who} had the same question.",
      "I have been with you for {2-30} years.",
    ],
    heldOut: ["Can you look into it?", "Kindly advise.", "Many thanks in advance.", "Please reply soon."],
  },
  plain: [
    "{cue}.",
    "It is about this: {cue}.",
    "In short, {cue}.",
    "My matter is {cue}, {where}.",
    "{when}, {cue}.",
    "Two words: {cue}!",
    "{who} asks about {cue}.",
    "Subject: {cue}, {city}.",
    "{cue} and {sum}.",
    "{aside}, {cue}.",
    "{cue}, {aside}.",
    "{aside}, {cue}, {aside}.",
    "{aside}: {cue}.",
  ],
  labels: [
    {
      label: "lost_card",
      lexicon: { cue: ["lost my card", "misplaced my debit card", "left my bank card behind", "dropped my card", "cannot find my card"] },
      train: [
        "I {cue} {where} {when}.",
        "{when} I {cue}, so block it now.",
        "I think I {cue} {where}.",
        "It seems I {cue} and need it frozen.",
        "I {cue}; nobody has handed it in.",
      ],
      heldOut: ["While travelling in {city} I {cue}.", "My bag is gone and I {cue} too.", "I must report that I {cue} some time {when}."],
    },
    {
      label: "report_fraud",
      lexicon: {
        cue: [
          "a payment I never made",
          "a fraudulent charge",
          "a purchase I did not authorise",
          "a stolen card number being used",
          "a scam payment",
        ],
      },
      train: [
        "There is {cue} of {sum} on my statement.",
        "I see {cue} from {when}.",
        "Somebody made {cue} {where}.",
        "My account shows {cue}, I want to report fraud.",
        "I got a message about {cue}.",
      ],
      heldOut: [
        "My phone warned me of {cue} in {city}.",
        "I am shocked to find {cue} for {sum}.",
        "Who can stop {cue} that came up {when}?",
      ],
    },
    {
      label: "card_delivery",
      lexicon: {
        cue: [
          "my new card has not arrived",
          "my card is still in the post",
          "the replacement card was never delivered",
          "I am still waiting for my card to come",
          "the card you mailed is late",
        ],
      },
      train: [
        "{cue} after {2-6} weeks.",
        "I ordered it {when} but {cue}.",
        "Why is it that {cue}?",
        "It was promised by {day}, yet {cue}.",
        "{cue}, where is the parcel?",
      ],
      heldOut: ["I live in {city} and {cue}.", "The letter box is empty: {cue}.", "Tracking says nothing and {cue} since {day}."],
    },
    {
      label: "raise_limit",
      lexicon: {
        cue: ["raise my limit", "increase my spending limit", "a higher credit limit", "lift the daily limit", "more limit on my card"],
      },
      train: [
        "I would like to ask for this: {cue} to {sum}.",
        "Is it possible to get {cue}?",
        "Before my trip I want {cue}.",
        "How do I apply for {cue}?",
        "My request is simple: {cue}, at least {sum}.",
      ],
      heldOut: [
        "For a hotel in {city} I require {cue}.",
        "Could someone arrange {cue} from {day}?",
        "With my better salary I hope for {cue}.",
      ],
    },
    {
      label: "transfer_failed",
      lexicon: {
        cue: [
          "my transfer failed",
          "the transfer was rejected",
          "my money transfer did not go through",
          "the transfer bounced back",
          "the transfer is stuck",
        ],
      },
      train: [
        "I sent {sum} to {who} but {cue}.",
        "{when} {cue} without a reason.",
        "Why was it that {cue}?",
        "{cue} twice in the app.",
        "The payee says {cue}.",
      ],
      heldOut: ["I tried to pay {who} in {city} and {cue}.", "An error popped up and {cue} {when}.", "Nothing reached {who}: {cue}."],
    },
    {
      label: "early_repayment",
      lexicon: {
        cue: [
          "repay my loan early",
          "pay off the mortgage early",
          "settle my loan ahead of time",
          "make an early repayment on the loan",
          "clear the whole loan now",
        ],
      },
      train: [
        "I want to {cue}.",
        "What does it cost to {cue}?",
        "May I {cue} with {sum}?",
        "How can I {cue} this month?",
        "I plan to {cue} on {day}.",
      ],
      heldOut: ["I inherited {sum} and wish to {cue}.", "Is there a penalty if we {cue}?", "After selling my flat in {city} I will {cue}."],
    },
    {
      label: "fee_dispute",
      lexicon: {
        cue: [
          "an annual fee I did not agree to",
          "a wrong fee",
          "a service fee charged twice",
          "an unexplained fee",
          "a late fee that is unfair",
        ],
      },
      train: [
        "You took {cue} of {sum}.",
        "There is {cue} on my bill, please refund it.",
        "I was charged {cue} {when}.",
        "I do not accept {cue}.",
        "Why must I pay {cue}?",
      ],
      heldOut: ["My statement from {city} lists {cue}.", "I object to {cue} and want {sum} back.", "Explain {cue} that showed up {when}."],
    },
    {
      label: "update_contact",
      lexicon: {
        cue: [
          "change my phone number",
          "update my address",
          "change my email address",
          "register a new mobile number",
          "correct my mailing address",
        ],
      },
      train: [
        "I need to {cue}.",
        "I moved {when} and want to {cue}.",
        "Where in the app can I {cue}?",
        "Can I {cue} online?",
        "Please {cue} in your records.",
      ],
      heldOut: ["Since I now live in {city}, I have to {cue}.", "{who} told me to {cue} with you.", "Which form lets me {cue} by {day}?"],
    },
    {
      label: "close_account",
      lexicon: {
        cue: [
          "close my account",
          "cancel my account for good",
          "terminate my savings account",
          "shut down my account",
          "end my account with you",
        ],
      },
      train: [
        "I want to {cue}.",
        "How do I {cue}?",
        "I no longer need it, so {cue}.",
        "What papers do I need to {cue}?",
        "From {day} on I would like to {cue}.",
      ],
      heldOut: ["I am leaving for {city} and will {cue}.", "I decided {when} to {cue}.", "Is a visit needed if I {cue}?"],
    },
    {
      label: "out_of_scope",
      lexicon: {
        cue: [
          "a recipe for noodle soup",
          "the weather forecast",
          "a football score",
          "a good film",
          "a poem about spring",
          "the history of music",
        ],
      },
      train: [
        "Tell me {cue}.",
        "Do you know {cue} for {day}?",
        "I am looking for {cue}.",
        "My question is about {cue}.",
        "Could I hear {cue}?",
      ],
      heldOut: ["While in {city} I would like to hear {cue}.", "For {who} I would love {cue}.", "Send me {cue} before {day}."],
    },
  ],
};
