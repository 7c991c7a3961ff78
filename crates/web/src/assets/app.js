// Keys and live news. Everything works without it; nothing here makes markup out of text.
"use strict";

const $ = (query, within = document) => within.querySelector(query);
const $$ = (query, within = document) => [...within.querySelectorAll(query)];

// A reminder to rest, on a page that stays open.
const rest = $("#rest");
if (rest && rest.hidden) {
  setTimeout(() => { rest.hidden = false; }, Number(rest.dataset.inMinutes) * 60000);
}

// Scrolls by script jump for who wants no motion.
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const scroll = (element, block) => element.scrollIntoView({ block, behavior: calm ? "auto" : "smooth" });

// Where the reader is on the queue.
const rows = $$("ol.queue > li.lead");
const here = () => rows.findIndex((row) => row.contains(document.activeElement));
function go(step) {
  if (rows.length === 0) return;
  const at = here();
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus({ preventScroll: true });
  scroll(rows[next], "nearest");
}

// A decision's reasons: those of its verdict alone.
const verdicts = $$("input[name=verdict]");
function fit() {
  const chosen = verdicts.find((radio) => radio.checked);
  for (const group of $$("optgroup[data-verdict]")) {
    group.hidden = group.disabled = Boolean(chosen) && group.dataset.verdict !== chosen.value;
  }
  const select = $("#decide select[name=code]");
  if (select && select.selectedOptions[0] && select.selectedOptions[0].parentNode.disabled) select.value = "";
}
for (const radio of verdicts) radio.addEventListener("change", fit);
fit();

function choose(letter) {
  const radio = verdicts.find((one) => one.dataset.key === letter);
  if (!radio) return false;
  radio.checked = true;
  fit();
  const reason = $("#decide select[name=code]");
  scroll($("#decide"), "center");
  reason.focus({ preventScroll: true });
  return true;
}

const words = { e: "escalate", r: "refer", m: "monitor", d: "dismiss" };

function press(key) {
  if (key === "j") return go(1), true;
  if (key === "k") return go(-1), true;
  if (key === "?") { const keys = $("#keys"); if (keys) keys.showModal(); return Boolean(keys); }
  if (key === "/") { const search = $("[data-key='/']"); if (search) search.focus(); return Boolean(search); }
  const row = rows[here()];
  if (row) {
    if (key === "Enter") { location.href = row.dataset.path; return true; }
    if (key === "x") { const pick = $(".pick", row); if (pick && !pick.disabled) pick.checked = !pick.checked; return true; }
    if (words[key]) { location.href = `${row.dataset.path}?verdict=${words[key]}#decide`; return true; }
    if (key === "c") { const claim = $("[data-key=c]", row); if (claim) claim.click(); return Boolean(claim); }
  }
  if (words[key] && choose(key)) return true;
  if (["c", "n", "q"].includes(key)) {
    if (key === "c" && rows.length) return false;
    const target = $(`main [data-key='${key}']`);
    if (target) target.click();
    return Boolean(target);
  }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog");
  if (typing) {
    if (event.key === "Escape" && !typing.closest("dialog")) event.target.blur();
    return;
  }
  const onControl = event.target.closest("a, button, summary");
  if (onControl && (event.key === "Enter" || event.key === " ")) return;
  // On a Cyrillic keyboard the same keys stand in the same places.
  const letter = /^Key[A-Z]$/.test(event.code) && !/^[a-z]$/i.test(event.key) ? event.code[3].toLowerCase() : event.key;
  if (press(letter)) event.preventDefault();
});

if (new URLSearchParams(location.search).get("verdict") && verdicts.length) {
  const chosen = verdicts.find((radio) => radio.checked);
  if (chosen) choose(chosen.dataset.key);
}

// A reason and its words light up together.
const light = (reason, on) => {
  for (const one of $$(`[data-reason~='${CSS.escape(reason)}']`)) one.classList.toggle("lit", on);
};
for (const one of $$("[data-reason]")) {
  const reasons = one.dataset.reason.split(" ");
  one.addEventListener("mouseenter", () => reasons.forEach((reason) => light(reason, true)));
  one.addEventListener("mouseleave", () => reasons.forEach((reason) => light(reason, false)));
}

// The picture of links, made larger, keeps its middle in sight.
for (const one of $$("fieldset.zoom input")) {
  one.addEventListener("change", () => {
    const box = $(".zoomed");
    box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
    box.scrollTop = (box.scrollHeight - box.clientHeight) / 2;
  });
}

// What happens on the queue meanwhile is told; the list stays as it is until asked.
const list = $("ol[data-live]");
if (list) {
  const changed = new Set();
  const news = $("#news");
  const tell = () => {
    const text = $("span", news);
    text.textContent = `${changed.size} ${text.dataset.words}`;
    news.hidden = changed.size === 0;
  };
  const source = new EventSource(list.dataset.live);
  source.addEventListener("lead", (event) => {
    const { lead, new: isNew, status, claimed_by: by } = JSON.parse(event.data);
    const row = document.getElementById(lead);
    if (row) {
      const state = $(".state", row);
      if (by) state.textContent = list.dataset.claimed.replace("{name}", by);
      row.classList.toggle("taken", status !== "open");
      const pick = $(".pick", row);
      if (pick) { pick.disabled = status !== "open"; if (pick.disabled) pick.checked = false; }
    }
    if (isNew || status === "decided") changed.add(lead);
    tell();
  });
  source.addEventListener("lost", () => { changed.add("…"); tell(); });
  addEventListener("pagehide", () => source.close());
}
