# The commands of this project. Every target sets up by itself what it needs.
.DEFAULT_GOAL := help
.PHONY: help run test clients kills desktops bench pictures package clean

help: ## Lists the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Starts Herald; without an account in the practice world, without a display on a virtual one
	@.ci/run-app

test: ## Runs every check and every test
	@.ci/check

clients: ## Plays other people's clients against the practice world
	@.ci/clients

kills: ## Kills watch and window 1,000 times at random moments; KILLS=50 for fewer, SEED=7 for the moments of an earlier run
	@.ci/kills $(KILLS) $(SEED)

desktops: ## Drives Herald on real desktops (GNOME, KDE, XFCE, MATE, sway) without a screen; ONLY=gnome for one
	@.ci/desktops $(ONLY)

bench: ## Measures the release programs beside their floors and peers (PERFORMANCE.md); ONLY=memory for some rows
	@.ci/bench $(ONLY)

pictures: ## Takes the pictures of the README anew, from the real window
	@.ci/pictures

package: ## Builds the packages to install (.deb, .rpm)
	@.ci/package

clean: ## Removes what was built, except the tools
	@.ci/clean
