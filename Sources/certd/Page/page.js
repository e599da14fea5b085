// Keeps the page up to date: fetches it anew, as the daemon makes it, and puts what has changed in place of the old.
"use strict";

(() => {
    const interval = 15000;
    const regions = ["verdict", "general", "rows", "pager", "timeline", "deployments"];
    const filter = document.getElementById("filter");
    const told = document.getElementById("told");
    const news = document.getElementById("news");
    let timer = 0;
    let pending = null;
    let lost = false;

    function age(seconds) {
        const whole = Math.max(0, Math.round(seconds));
        if (whole < 60) return `${whole} s`;
        if (whole < 3600) return `${Math.floor(whole / 60)} min`;
        return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
    }

    // By this clock: the daemon's may tell another time.
    let seenAt = 0;

    function see() {
        seenAt = Date.now() - 1000 * Number(document.getElementById("seen").dataset.age);
    }

    function tick() {
        const seen = document.getElementById("seen");
        const seconds = (Date.now() - seenAt) / 1000;
        seen.title = seen.dateTime;
        seen.textContent = `${age(seconds)} ago`;
        told.textContent = lost ? " · certd does not answer, and what is shown may be old" : "";
        document.body.classList.toggle("lost", lost);
    }

    // Somebody copies a remedy: it is not taken away meanwhile.
    function isSelecting() {
        const selection = window.getSelection();
        return selection !== null && !selection.isCollapsed;
    }

    function replace(fresh) {
        for (const id of regions) {
            const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
            if (old === null && now === null) continue;
            if (old === null || now === null) {
                location.reload();
                return;
            }
            if (old.outerHTML === now.outerHTML) continue;
            const focus = old.contains(document.activeElement) ? document.activeElement : null;
            const link = focus?.getAttribute("href");
            const adopted = document.adoptNode(now);
            old.replaceWith(adopted);
            if (focus === null) continue;
            const again = (focus.id && document.getElementById(focus.id))
                || [...adopted.querySelectorAll("a")].find((other) => other.getAttribute("href") === link);
            again?.focus({ preventScroll: true });
        }
        const sentence = (from) => from.querySelector("#verdict .sentence")?.textContent ?? "";
        const title = fresh.title;
        if (document.title !== title) {
            document.title = title;
            news.textContent = sentence(document);
        }
        document.getElementById("seen").replaceWith(document.adoptNode(fresh.getElementById("seen")));
        see();
        document.body.dataset.refreshed = String(Number(document.body.dataset.refreshed ?? 0) + 1);
    }

    async function refresh() {
        clearTimeout(timer);
        pending?.abort();
        const mine = pending = new AbortController();
        const late = setTimeout(() => mine.abort(), interval);
        try {
            const answer = await fetch(location.href, { signal: mine.signal, cache: "no-store" });
            if (!answer.ok) throw new Error(answer.statusText);
            const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
            if (mine !== pending) return;
            lost = false;
            if (!isSelecting()) replace(fresh);
        } catch {
            // Another one was begun, which tells.
            if (mine !== pending) return;
            lost = true;
        } finally {
            clearTimeout(late);
            if (mine === pending) timer = setTimeout(refresh, interval);
        }
        tick();
    }

    let typing = 0;

    function search() {
        const url = new URL(location.href);
        if (filter.value === "") url.searchParams.delete("q");
        else url.searchParams.set("q", filter.value);
        url.searchParams.delete("page");
        history.replaceState(null, "", url);
        refresh();
    }

    document.getElementById("finder").hidden = false;
    filter.addEventListener("input", () => {
        clearTimeout(typing);
        typing = setTimeout(search, 150);
    });
    document.addEventListener("keydown", (event) => {
        const isTyping = document.activeElement === filter;
        if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            filter.focus();
            filter.select();
        } else if (event.key === "Escape" && isTyping && filter.value !== "") {
            event.preventDefault();
            filter.value = "";
            search();
        }
    });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
    setInterval(tick, 1000);
    timer = setTimeout(refresh, interval);
    see();
    tick();
})();
