# Plumbline. `make run` and `make test` do everything on a fresh Debian 12 machine; the rest is here
# for people who work on it. V=1 shows the commands.

BUILD  ?= build
CC     ?= cc
CFLAGS ?= -O2 -g
LIBS   := libmicrohttpd sqlite3 jansson libpng libjpeg libsodium libcrypto libutf8proc libarchive libcurl libxml-2.0 zlib libpcre2-8
WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
Q      := $(if $(V),,@)

override CFLAGS += -std=c11 -D_GNU_SOURCE $(WARN) -Iinclude -pthread $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LDLIBS := $(shell pkg-config --libs $(LIBS) 2>/dev/null) -llinear -lopenblas -lcsv -lm -pthread

SRC  := $(filter-out server/tools/%,$(wildcard server/*/*.c))
OBJ  := $(SRC:%.c=$(BUILD)/%.o) $(BUILD)/embed.o
UNIT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/test_*.c))

.PHONY: all run demo bench test soak asan tsan lint fuzz unit samples install install-files clean
.SECONDARY:

all: $(BUILD)/plumbline

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libplumbline.a: $(OBJ)
	@rm -f $@
	$(Q)ar qcs $@ $^

# Files built into the program. Node only makes the vendored modules, and only when they are missing.
VENDOR    := $(addprefix build/vendor/js/,preact.js hooks.js htm.js signals-core.js signals.js)
STATIC    := $(sort $(shell find static -type f ! -name '.*' ! -name 'package*.json' \
               ! -name 'tsconfig*' ! -name '*.d.ts' ! -path '*/node_modules/*' 2>/dev/null))
MIGRATION := $(sort $(wildcard migrations/*.sql))
EMBEDDED  := $(STATIC) $(VENDOR) $(MIGRATION)
# A file that is gone is no newer prerequisite: the list itself is one, rewritten when it changes.
$(shell mkdir -p $(BUILD); echo '$(EMBEDDED)' | cmp -s - $(BUILD)/embed.list || echo '$(EMBEDDED)' >$(BUILD)/embed.list)

build/vendor/node_modules/.package-lock.json: static/package.json static/package-lock.json
	@mkdir -p build/vendor
	$(Q)cp static/package.json static/package-lock.json static/.npmrc build/vendor/
	$(Q)cd build/vendor && npm ci --ignore-scripts --silent && touch node_modules/.package-lock.json

$(VENDOR) &: build/vendor/node_modules/.package-lock.json server/tools/vendor.mjs
	$(Q)node server/tools/vendor.mjs build/vendor/node_modules build/vendor/js

$(BUILD)/embed: server/tools/embed.c server/base/arena.c server/base/mime.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lsodium -lz

$(BUILD)/embed.c: $(BUILD)/embed $(BUILD)/embed.list $(EMBEDDED)
	$(Q)$(BUILD)/embed $@ $(BUILD)/embed.bin static static $(STATIC) -- \
	    vendor build/vendor/js $(VENDOR) -- migrations migrations $(MIGRATION)

$(BUILD)/embed.o: $(BUILD)/embed.c
	$(Q)$(CC) $(CFLAGS) -I. -c -o $@ $<

$(BUILD)/plumbline: $(BUILD)/server/main.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

unit: $(UNIT)
	$(Q)status=0; for t in $(UNIT); do echo "# $$t"; ./$$t || status=1; done; exit $$status

# What the fault tests preload into the service to make its disk fail.
SHIM := $(BUILD)/tests/faults/shim.so
$(SHIM): tests/faults/shim.c
	@mkdir -p $(@D)
	$(Q)$(CC) -O1 -g -std=c11 -D_GNU_SOURCE $(WARN) -fPIC -shared -o $@ $< -ldl

# What the tests of clients drive the bucket client with.
S3_TOOL := $(BUILD)/tests/clients/s3_tool
$(S3_TOOL): $(BUILD)/tests/clients/s3_tool.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The data of the sample jobs, drawn from fixed seeds by two small programs.
samples: $(BUILD)/samples/messages/messages.jsonl $(BUILD)/samples/pictures/pictures.jsonl

$(BUILD)/samples/generate/%: $(BUILD)/samples/generate/%.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/samples/generate/pictures: $(BUILD)/samples/generate/draw.o $(BUILD)/samples/generate/things.o

$(BUILD)/samples/messages/messages.jsonl: $(BUILD)/samples/generate/texts samples/messages.job.json
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)cp samples/messages.job.json $(@D)/job.json
	$(Q)$< $(@D) 1

$(BUILD)/samples/pictures/pictures.jsonl: $(BUILD)/samples/generate/pictures samples/pictures.job.json
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)cp samples/pictures.job.json $(@D)/job.json
	$(Q)$< $(@D) 1

# ---- for people who use it ----

run:
	@server/tools/install.sh run
	@$(MAKE) --no-print-directory all samples
	@exec $(BUILD)/plumbline serve --samples $(BUILD)/samples --log-requests slow

demo:
	@server/tools/install.sh run
	@$(MAKE) --no-print-directory all samples
	@PLUMBLINE=$(BUILD)/plumbline SAMPLES=$(BUILD)/samples samples/demo.sh

# The program, its manual and the unit: as root, after `make`. DESTDIR is for packagers.
PREFIX ?= /usr/local
install: all
	@$(MAKE) --no-print-directory install-files
install-files:
	@install -D -m 0755 $(BUILD)/plumbline $(DESTDIR)$(PREFIX)/bin/plumbline
	@install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	@sed 's#/usr/local/#$(PREFIX)/#' samples/deploy/plumbline.service \
	    >$(DESTDIR)$(PREFIX)/lib/systemd/system/plumbline.service
	@install -d $(DESTDIR)$(PREFIX)/share/doc/plumbline/deploy
	@install -m 0644 README.md ARCHITECTURE.md $(DESTDIR)$(PREFIX)/share/doc/plumbline
	@install -m 0644 $(wildcard samples/deploy/*) $(DESTDIR)$(PREFIX)/share/doc/plumbline/deploy

# ---- for people who change it ----

TEST_TOOLS := tests/node_modules/.package-lock.json
$(TEST_TOOLS): tests/package.json tests/package-lock.json
	$(Q)cd tests && npm ci --ignore-scripts --silent && touch node_modules/.package-lock.json

C_GROUPS = 'unit=$(MAKE) --no-print-directory BUILD=$(BUILD) unit' \
           'api=PLUMBLINE=$(BUILD)/plumbline SAMPLES=build/samples python3 tests/api/run.py' \
           'faults=PLUMBLINE=$(BUILD)/plumbline SAMPLES=build/samples python3 tests/faults/run.py' \
           'clients=PLUMBLINE=$(BUILD)/plumbline SAMPLES=build/samples python3 tests/clients/run.py'

test:
	@server/tools/install.sh test
	@$(MAKE) --no-print-directory all samples $(UNIT) $(SHIM) $(S3_TOOL) $(TEST_TOOLS)
	@python3 tests/run.py 'house=python3 tests/house/rooms.py' $(C_GROUPS) \
	    'script=sh tests/browser/unit.sh' 'browser=sh tests/browser/run.sh'

# The fault tests in their long form: KILLS of the service, rounds for at most SOAK_MINUTES a test.
soak: export SOAK = 1
soak: export KILLS ?= 300
soak: export SOAK_MINUTES ?= 30
soak:
	@server/tools/install.sh test
	@$(MAKE) --no-print-directory all samples $(SHIM)
	@PLUMBLINE=$(BUILD)/plumbline SAMPLES=$(BUILD)/samples python3 tests/faults/run.py

# The C part of the tests under the sanitizers; each report ends the process and fails its test.
SANITIZED = CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=$(1)' LDFLAGS='-fsanitize=$(1)'
asan tsan:
	@server/tools/install.sh test
	@$(MAKE) --no-print-directory samples
	@$(MAKE) --no-print-directory $@-tests

asan-tests: export ASAN_OPTIONS = abort_on_error=1:detect_leaks=1
asan-tests: export UBSAN_OPTIONS = halt_on_error=1:print_stacktrace=1
asan-tests:
	@$(MAKE) --no-print-directory BUILD=build/asan $(call SANITIZED,address$(COMMA)undefined) c-tests

tsan-tests: export TSAN_OPTIONS = halt_on_error=1:second_deadlock_stack=1
tsan-tests:
	@$(MAKE) --no-print-directory BUILD=build/tsan $(call SANITIZED,thread) c-tests

COMMA := ,
.PHONY: asan-tests tsan-tests c-tests
c-tests: all $(UNIT) $(SHIM) $(S3_TOOL)
	@python3 tests/run.py $(C_GROUPS)

# Warnings as errors by both compilers, static analysis, the types of the browser's modules, the plan.
LINT_CC = gcc clang
lint: $(BUILD)/embed.c $(TEST_TOOLS)
	@command -v clang >/dev/null && command -v cppcheck >/dev/null || server/tools/install.sh lint
	@for cc in $(LINT_CC); do echo "$$cc -Werror"; \
	    $(MAKE) --no-print-directory CC=$$cc BUILD=build/lint-$$cc CFLAGS='-O1 -Werror' \
	        all $(UNIT:$(BUILD)/%=build/lint-$$cc/%) || exit 1; done
	@echo cppcheck
	$(Q)cppcheck --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
	    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --error-exitcode=1 \
	    --quiet -D_GNU_SOURCE --include=tests/house/cppcheck.h -Iinclude server
	@echo tsc
	$(Q)tests/node_modules/.bin/tsc -p tests
	@python3 tests/run.py 'house=python3 tests/house/rooms.py'

# Every parser of outside bytes, FUZZ_SECONDS each, by clang's libFuzzer.
FUZZ_SECONDS ?= 20
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz:
	@command -v clang >/dev/null || server/tools/install.sh lint
	@$(MAKE) --no-print-directory CC=clang BUILD=build/fuzz-lib \
	    CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined' \
	    LDFLAGS='-fsanitize=address,undefined' build/fuzz-lib/libplumbline.a
	@$(MAKE) --no-print-directory CC=clang BUILD=build/fuzz-lib \
	    CFLAGS='-O1 -g -fsanitize=fuzzer,address,undefined' $(FUZZERS)
	@for f in $(FUZZERS); do echo "$$f"; mkdir -p build/corpus/$$(basename $$f); \
	    $$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=4096 -verbosity=0 \
	        -print_final_stats=0 build/corpus/$$(basename $$f) || exit 1; done

build/fuzz/%: tests/fuzz/%.c build/fuzz-lib/libplumbline.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

# Ratios to yardsticks that run beside the product: tests/bench/run.py.
BENCH := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
$(BENCH): $(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench: all $(BENCH)
	@python3 tests/bench/run.py $(BUILD)/plumbline $(BUILD)/tests/bench $(BUILD)/bench.json

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
