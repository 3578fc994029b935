// What needs a script, and nothing else: pages work without it.
"use strict";

// Time left, counted from what the server said: this clock may be wrong by hours.
const deadlines = new WeakMap();
function countDown() {
  for (const box of document.querySelectorAll("[data-expires-at]:not([data-expired])")) {
    const time = box.querySelector("time");
    if (!deadlines.has(time)) deadlines.set(time, performance.now() + parseInt(time.dateTime.slice(2)) * 1000);
    const left = Math.max(0, Math.round((deadlines.get(time) - performance.now()) / 1000));
    time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > 0) continue;
    box.dataset.expired = "";
    time.parentElement.textContent = "The time is up";
    setTimeout(stillOpen, 1000);
  }
}
countDown();
setInterval(countDown, 1000);

// A page that waits for a decision may be over by time, or in another tab: show what became
// of it. What is typed is lost only where it is no use any more.
async function stillOpen() {
  if (document.hidden || !document.querySelector("[data-watch]")) return;
  const answer = await fetch(location.pathname, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer && [404, 409, 410].includes(answer.status)) location.replace(location.pathname);
}
document.addEventListener("visibilitychange", stillOpen);
addEventListener("pageshow", (event) => event.persisted && stillOpen());

// A second click on a form that is on its way sends nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  event.submitter?.setAttribute("aria-busy", "true");
});

// A page that nobody looks at asks for no news.
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.target.matches("[hx-trigger^=every]")) event.preventDefault();
});

// Back shows the page as it was left: free the form again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// A chip that fills a field instead of leading away.
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-fill] a.chip");
  const field = chip && document.getElementById(chip.parentElement.dataset.fill);
  if (!field || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  field.value = chip.textContent.replace("₹", "").trim();
  for (const other of chip.parentElement.children) other.removeAttribute("aria-current");
  chip.setAttribute("aria-current", "true");
});

// Printing needs a script: without one its button is not there.
for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
