// Tells what of a page not everybody can use: an array of sentences, which is empty for a good page.
(language) => {
  const found = [];
  const tell = (what, element) => found.push(what + ": " + (element ? element.outerHTML.slice(0, 120) : ""));
  const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.getClientRects().length > 0;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);

  if (document.documentElement.lang !== language) tell("the language is " + document.documentElement.lang);
  if (!document.title) tell("there is no title");
  if (document.querySelectorAll("main").length !== 1) tell("there is not one main");

  const levels = all("h1,h2,h3,h4").map((h) => Number(h.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) tell("the headings are " + levels);
  [...levels].sort().forEach((level, i, sorted) => { if (i && level > sorted[i - 1] + 1) tell("a level of headings is left out"); });

  for (const input of all("input:not([type=hidden]),select,textarea"))
    if (!input.labels.length || !input.labels[0].textContent.trim()) tell("an input has no label", input);
  for (const control of all("button,a,summary"))
    if (!(control.textContent.trim() || control.getAttribute("aria-label"))) tell("a control has no name", control);
  for (const image of document.images) {
    if (!image.hasAttribute("alt")) tell("a picture has no text", image);
    if (seen(image) && image.complete && !image.naturalWidth) tell("a picture does not load", image);
  }
  for (const described of document.querySelectorAll("[aria-describedby],[aria-labelledby]"))
    for (const name of ["aria-describedby", "aria-labelledby"])
      for (const id of (described.getAttribute(name) || "").split(" ").filter(Boolean))
        if (!document.getElementById(id)) tell(name + " leads nowhere", described);

  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) tell("the page is " + document.documentElement.scrollWidth + " wide, of " + width);
  for (const e of all("main *")) {
    const scrolls = e.closest(".choices");
    if (e.getBoundingClientRect().right > width + 1 && !scrolls) tell("reaches beyond the edge", e);
  }

  for (const e of all("main :is(section,form) *")) {
    const box = e.closest("section,form");
    if (box !== e && e.getBoundingClientRect().right > box.getBoundingClientRect().right + 1 && !e.closest(".choices")) tell("reaches out of its box", e);
  }

  // Colours. What lies behind a text is put together from the backgrounds up to the root; of a gradient each of its
  // colours must do.
  const read = (text) => {
    const canvas = read.canvas ||= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a)).concat(1);
  const colours = (image) => (image.match(/(?:rgba?|color|oklab|oklch|hsla?)\([^()]*\)/g) || []).map(read);
  const behind = (e) => {
    if (!e) return [read(getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme:dark)").matches ? "#121212" : "#fff")];
    const style = getComputedStyle(e);
    const own = read(style.backgroundColor);
    const stops = colours(style.backgroundImage).filter((c) => c[3] === 1);
    if (stops.length) return stops;
    if (own[3] === 1) return [own];
    return behind(e.parentElement).map((below) => over(own, below));
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const worst = (e, colour) => Math.min(...behind(e).map((ground) => contrast(over(read(colour), ground), ground)));
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    const e = node.parentElement;
    if (!node.textContent.trim() || !seen(e) || e.closest("script,style,noscript,.unseen,.skip")) continue;
    const style = getComputedStyle(e);
    const size = parseFloat(style.fontSize);
    const wanted = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const got = worst(e, style.color);
    if (got < wanted) tell("a contrast of " + got.toFixed(2) + ", with " + style.color, e);
  }
  for (const input of all("input:not([type=hidden],[type=radio])")) {
    const got = worst(input.parentElement, getComputedStyle(input).borderTopColor);
    if (got < 3) tell("the edge of an input has a contrast of " + got.toFixed(2), input);
  }

  // Focus: in the order of the document, and visible. Targets are as large as WCAG 2.2 wants them.
  for (const e of all("a[href],button,input:not([type=hidden]),summary,[tabindex]")) {
    if (e.tabIndex > 0) tell("the order of focus is not that of the page", e);
    if (e.disabled || e.tabIndex < 0) continue;
    e.focus({ focusVisible: true, preventScroll: true });
    const bearers = [e, e.closest(".choice")].filter(Boolean).map((b) => getComputedStyle(b));
    if (!bearers.some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2)) tell("focus is not visible", e);
    const { width, height } = (e.closest(".choice") || e).getBoundingClientRect();
    if (!e.matches(".skip") && Math.min(width, height) < 23.5) tell("a target of " + width.toFixed() + " by " + height.toFixed(), e);
  }
  document.activeElement.blur();
  return found;
}
