import { browser } from './harness/chromium.mjs';
import {readFileSync} from 'node:fs';
const c=await browser(); const p=await (await c.newContext()).newPage();
const b=readFileSync(process.argv[2] ?? '/tmp/lanes/target/wasm32-unknown-unknown/release/lanes.wasm').toString('base64');
console.log(await p.evaluate(async (b)=>{const {instance:{exports:x}}=await WebAssembly.instantiate(Uint8Array.from(atob(b),c=>c.charCodeAt(0)),{});
const out=['ok '+x.check()];
for(const f of ['single','lanes','single','lanes']){x[f](100);await new Promise(r=>setTimeout(r,300));x[f](100);const t=performance.now();x[f](1000);out.push(f+' '+(1048.576e3/(performance.now()-t)).toFixed(0)+' MB/s');}
return out.join('\n')},b));
await c.close();
