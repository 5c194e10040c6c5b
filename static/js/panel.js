// Lets django-unfold's pages run under a policy without unsafe-eval and unsafe-inline. Alpine's CSP
// build, which takes the place of unfold's own Alpine, reads expressions and no statements, and
// knows none of the page's globals but those that are named to it here.

// As unfold's templates have it, and the same in one expression.
const SAME = new Map([
  [
    "sidebarDesktopOpen = !sidebarDesktopOpen; localStorage.setItem('sidebarDesktopOpen', sidebarDesktopOpen ? '1' : '0');",
    "sidebarDesktopOpen = !sidebarDesktopOpen",
  ],
  ["openSearchResults = true; currentIndex = 0", "openResults()"],
  [
    "openSearchResults = false; if ($refs.searchInput.value === '') { $refs.searchInput.blur() } else { $refs.searchInput.value = '' }",
    "closeResults()",
  ],
  [
    "if (!$event.metaKey && !$event.ctrlKey) selectItem(false, false)",
    "!$event.metaKey && !$event.ctrlKey && selectItem(false, false)",
  ],
  [
    "activeTab && activeTab !== 'general' ? window.location.pathname + window.location.search + '#' + activeTab : window.location.pathname + window.location.search",
    "address()",
  ],
]);

addEventListener("alpine:init", () => {
  Alpine.data("theme", theme);
  Alpine.data("searchForm", searchForm);
  Alpine.data("searchCommand", searchCommand);
  Alpine.data("searchDropdown", () => ({
    ...searchDropdown(),
    openResults() {
      this.openSearchResults = true;
      this.currentIndex = 0;
    },
    closeResults() {
      this.openSearchResults = false;
      const input = this.$refs.searchInput;
      if (input.value) input.value = "";
      else input.blur();
    },
  }));
  Alpine.data("page", () => ({
    activeTab: getCurrentTab() || "general",
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
    address() {
      const { pathname, search } = location;
      return pathname + search + (this.activeTab === "general" ? "" : `#${this.activeTab}`);
    },
    init() {
      this.$watch("sidebarDesktopOpen", (open) => {
        localStorage.setItem("sidebarDesktopOpen", open ? "1" : "0");
      });
    },
  }));
  document.body.setAttribute("x-data", "page");
  document.body.removeAttribute("x-init");
  Alpine.interceptInit((element) => {
    for (const { name, value } of element.attributes) {
      if (SAME.has(value)) element.setAttribute(name, SAME.get(value));
    }
  });
});

// Unfold's style has rules of its own for what loads; htmx would write its into the page.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
