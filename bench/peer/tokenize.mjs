// The Rust tokenizers library through its npm package @anush008/tokenizers, one thread. Protocol as peer.py's: "tokenize:TOKENIZER|TEXTS N" -> "mean_s median_s tokens rss_MB".
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
const { Tokenizer } = createRequire(process.argv[2] + '/')('@anush008/tokenizers');
const live = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.trim().split(' ');
  if (name === 'quit') break;
  try {
    if (!live.has(name)) {
      const [tokenizer, texts] = name.slice('tokenize:'.length).split('|');
      live.set(name, [Tokenizer.fromString(readFileSync(tokenizer, 'utf8')), readFileSync(texts, 'utf8').split('\n').filter(l => l.length > 0)]);
    }
    const [tokenizer, lines] = live.get(name);
    const times = [];
    let tokens = 0;
    for (let i = 0; i < Number(count); i++) {
      const start = process.hrtime.bigint();
      const rows = await tokenizer.encodeBatch(lines, { addSpecialTokens: true });   // one call for all lines: a call for each would measure the bridge
      times.push(Number(process.hrtime.bigint() - start) / 1e9);
      tokens = 0;
      for (const row of rows) tokens += row.getLength();
    }
    const mean = times.reduce((a, b) => a + b) / times.length;
    console.log(`${mean} ${times.sort((a, b) => a - b)[times.length >> 1]} ${tokens} ${Math.round(process.memoryUsage().rss / 1e6)}`);
  } catch (e) {
    console.log('error ' + String(e.message).split('\n')[0]);
  }
}
