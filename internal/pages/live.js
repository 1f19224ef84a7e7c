// Keeps a page true while somebody looks at it. Where main watches a status, it is drawn anew once that is another
// one; where it does not, it goes on to its next address, if it has one. Without script the page's own refresh does
// the same, only slower.
"use strict";

const pause = 1000; // milliseconds between two looks
const main = () => document.getElementById("main");
const wait = (time) => new Promise((done) => setTimeout(done, time));

// A person who is on the way to another page is not called back.
let leaving = false;
addEventListener("beforeunload", () => { leaving = true; });

async function live() {
  while (main().dataset.watch) {
    await wait(pause);
    if (document.hidden || leaving) continue;
    // A server that is away for a moment is asked again.
    await look().catch(() => {});
  }
  const { next, after } = main().dataset;
  if (!next) return;
  await wait(after * 1000);
  if (!leaving) location.assign(next);
}

async function look() {
  const { watch, seen } = main().dataset;
  const reply = await fetch(watch, { cache: "no-store" });
  if (!reply.ok || (await reply.json()).status === seen) return;
  const page = await fetch(location.href, { cache: "no-store", redirect: "manual" });
  const drawn = new DOMParser().parseFromString(await page.text(), "text/html");
  if (leaving) return;
  // A page that leads elsewhere now, perhaps to another origin, is followed by the browser itself.
  if (page.type === "opaqueredirect") return location.reload();
  document.title = drawn.title;
  main().replaceWith(drawn.getElementById("main"));
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// A search that names a list narrows it with every letter.
document.addEventListener("input", ({ target }) => {
  const list = document.getElementById(target.dataset.narrows);
  if (!list) return;
  const words = plain(target.value).split(/\s+/);
  let shown = 0;
  for (const item of list.children) {
    item.hidden = !words.every((word) => plain(item.textContent).includes(word));
    shown += item.hidden ? 0 : 1;
  }
  const told = document.getElementById(target.dataset.narrows + "-none");
  if (told) told.hidden = shown > 0;
});

live();
