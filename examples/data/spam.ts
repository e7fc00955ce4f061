// The labelled SMS inside the package spam-detection: 5,571 messages, already cut into stemmed words.
import { createRequire } from 'node:module';

export interface Message {
  words: string[];
  spam: boolean;
}

export interface SpamData {
  messages: Message[];
  total: number;
}

/**
 * Many messages occur more than once ("sorry, I'll call later": 30 times). Only the first of each is kept, because
 * a message that is both trained on and held out would make every loss look better than it is.
 */
export function loadSpam(): SpamData {
  const store = createRequire(import.meta.url)('spam-detection/store.json') as {
    docs: { label: string; value: string[] }[];
  };
  const messages = new Map<string, Message>();
  for (const { label, value } of store.docs) {
    const key = value.join(' ');
    if (value.length > 0 && !messages.has(key)) messages.set(key, { words: value, spam: label === 'spam' });
  }
  return { messages: [...messages.values()], total: store.docs.length };
}
