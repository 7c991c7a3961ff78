// Runs in our own page and looks at the captured one, in its frame, from outside: how high it is, what
// HTML the browser made of it, and where on it the words stand that are asked for. No script of that
// page runs. What it is made of may bear any name, so that what is asked of its document is asked by
// the methods of ours.
onload = () => {
  const of_document = (one, what) =>
    Object.getOwnPropertyDescriptor(Document.prototype, what).get.call(one);
  const frame = document.getElementById("page");
  const page = frame.contentDocument;
  const root = of_document(page, "documentElement");
  const body = of_document(page, "body");
  const height = Math.max(root.scrollHeight, body ? body.scrollHeight : 0);
  // As high as its picture is going to be, for the words stand elsewhere on a lower one.
  frame.style.height = Math.min(Math.max(height, LEAST_HEIGHT), MOST_HEIGHT) + "px";

  // The page's letters in a row, without what separates words, and where each of them stands.
  const bare = (text) => text.replace(/[\s\u00ad\u200b-\u200f\u2060\ufeff]+/g, "");
  const unseen = new Set(["script", "style", "noscript", "template", "title", "textarea"]);
  const places = [];
  let letters = "";
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() && places.length < MOST_LETTERS) {
    const node = walker.currentNode;
    if (node.parentElement && unseen.has(node.parentElement.localName)) continue;
    const text = node.data;
    for (let at = 0; at < text.length; at++) {
      if (bare(text[at]) === "") continue;
      places.push([node, at]);
      letters += text[at];
    }
  }

  // The rectangles of the letters from here to there, line by line.
  const rectangles = (from, to) => {
    const found = [];
    for (let at = from; at < to; ) {
      const [node, start] = places[at];
      let end = start;
      while (at < to && places[at][0] === node) end = places[at++][1] + 1;
      const range = new Range();
      range.setStart(node, start);
      range.setEnd(node, end);
      for (const { x, y, width, height } of range.getClientRects()) {
        if (width >= 1 && height >= 1) found.push([x, y, width, height]);
      }
    }
    return found.slice(0, MOST_RECTANGLES);
  };

  // Words stand where what stands around them in the posting does so on the page; without that, where
  // they stand but once.
  const find = ({ before, words, after }) => {
    const sought = bare(words);
    if (sought === "") return [];
    for (const around of [40, 15, 5, 0]) {
      const left = around ? bare(before).slice(-around) : "";
      const right = bare(after).slice(0, around);
      const whole = left + sought + right;
      const found = [];
      for (let at = letters.indexOf(whole); at >= 0; at = letters.indexOf(whole, at + 1)) {
        const from = at + left.length;
        const shown = rectangles(from, from + sought.length);
        if (shown.length > 0) found.push(shown);
        if (found.length > 1) break;
      }
      if (found.length === 1 || (found.length > 1 && whole !== sought)) return found[0];
    }
    return [];
  };

  const sought = JSON.parse(document.getElementById("sought").textContent);
  const measured = document.createElement("pre");
  measured.id = "measured";
  measured.textContent = JSON.stringify({
    height,
    html: root.outerHTML,
    places: sought.map(find),
  });
  document.body.appendChild(measured);
};
