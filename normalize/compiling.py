"""How Numba compiles kernels, and the parts of them only as far as the kernels that call them need it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba import njit, typeof, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import register_pass
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys
from numba.core.typed_passes import NativeLowering
from numba.core.typing.templates import infer, infer_global, make_intrinsic_template
from numba.extending import overload

from taoxi.normalize.kernel import instructions, parts
from taoxi.normalize.machine import Image


def compiled(function: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[Image | None, Callable[..., Any]]:
    """Compile a kernel for arguments of the kinds of these.

    Returns:
        What can be kept of it (None if it holds for this process only), and the function.
    """
    _learn()
    options: Any = {"nogil": True, "no_cfunc_wrapper": True, "pipeline_class": _KernelCompiler}
    dispatcher: Any = njit(**options)(function)
    signature = tuple(typeof(argument) for argument in arguments)
    with _in_parts():
        code: Callable[..., Any] = dispatcher.compile(signature)
    result = dispatcher.overloads[signature]
    if result.reload_init or result.lifted or result.library.has_dynamic_globals:
        return None, code
    _name, _kind, (machine_code, _bitcode) = result.library.serialize_using_object_code()
    others = [found for found in result._find_referenced_environments() if found is not result.environment]  # noqa: SLF001
    environments = [(found.env_name, list(found.consts)) for found in (result.environment, *others)]
    entry = result.fndesc.llvm_cpython_wrapper_name
    return Image(machine_code, function.__module__, entry, environments, result.library.needs()), code


def _learn() -> None:
    """Tell Numba of what kernels may call."""
    options: Any = {"pipeline_class": _Compiler, "no_cfunc_wrapper": True, "no_cpython_wrapper": True}
    while parts:
        name, function = parts.pop()
        overload(name, jit_options=options, strict=False)(_giving(function))
    while instructions:
        name, generator = instructions.pop()
        template = make_intrinsic_template(name, generator, generator.__name__)
        infer(template)
        infer_global(name, types.Function(template))


def _giving(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *_arguments, **_named: function


class _Part(JITCodeLibrary):
    """The code of what kernels call. It is neither linked nor optimized nor made into machine code by itself."""

    def finalize(self) -> None:
        for library in self._linking_libraries:
            self._reload_init.update(library._reload_init)  # noqa: SLF001 - of this very class
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:  # noqa: ARG002 - there is none
        return 0


class _Whole(JITCodeLibrary):
    """The code of a kernel, into which all that it calls is linked, however indirectly, to be optimized there."""

    def finalize(self) -> None:
        # LLVM takes of a library only what was asked for before: callers come before what they call.
        self._linking_libraries = [library for library in reversed(_below(self, {})) if library is not self]
        super().finalize()  # type: ignore[no-untyped-call]

    def needs(self) -> list[str]:
        """Return the functions that the code calls and does not hold."""
        functions = self._final_module.functions
        return [found.name for found in functions if found.is_declaration and not found.name.startswith("llvm.")]


def _below(library: Any, seen: dict[Any, None]) -> list[Any]:  # noqa: ANN401 - numba has no types
    """Return a library behind all that it calls, but for what was seen before."""
    seen[library] = None
    called = []
    if isinstance(library, (_Part, _Whole)):
        for other in library._linking_libraries:  # noqa: SLF001 - of these very classes
            if other not in seen:
                called += _below(other, seen)
    return [*called, library]


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    _name = "taoxi_kernel_lowering"

    def run_pass(self, state: Any) -> bool:  # noqa: ANN401 - numba has no types
        state.library = _Whole(state.targetctx.codegen(), state.func_id.func_qualname)  # type: ignore[no-untyped-call]
        state.library.enable_object_caching()
        return bool(super().run_pass(state))  # type: ignore[no-untyped-call]


_NEEDLESS = {
    "annotate_types",
    "dead_branch_prune",
    "find_literally",
    "inline_closure_likes",
    "inline_inlinables",
    "inline_overloads",
    "literal_unroll",
    "LiteralPropagation",
    "make_function_op_code_to_jit_function",
    "nopython_supported_feature_validation",
    "rewrite_semantic_constants",
    "with_lifting",
}
"""Passes for closures, contexts, literal types and branches on them, which kernels do not have, and for those who want
to look at what was compiled. Where there is nothing to do, a pass goes over all instructions none the less."""


class _Compiler(CompilerBase):
    """Compiles parts: Numba's pipeline without what they have no use for."""

    def define_pipelines(self) -> list[Any]:
        self.state.type_annotation = None
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [(step, why) for step, why in pipeline.passes if step.name() not in _NEEDLESS]
        pipeline.finalize()
        return [pipeline]


class _KernelCompiler(_Compiler):
    """Compiles kernels, which end as machine code."""

    def define_pipelines(self) -> list[Any]:
        (pipeline,) = super().define_pipelines()
        pipeline.passes = [(_Lowering if step is NativeLowering else step, why) for step, why in pipeline.passes]
        pipeline.finalize()
        return [pipeline]


@contextmanager
def _in_parts() -> Iterator[None]:
    """Let whatever Numba compiles meanwhile for kernels, its own functions too, be parts of them."""
    target = cpu_target.target_context
    rtsys.initialize(target)
    codegen = target.codegen()
    before, set_env = codegen._library_class, codegen.set_env  # noqa: SLF001 - numba has no public way; tests watch it

    def set_own(name: str, environment: object) -> None:
        if codegen._engine.is_symbol_defined(name):  # noqa: SLF001
            set_env(name, environment)

    collecting = gc.isenabled()
    with global_compiler_lock:
        gc.disable()  # which would go through all that Numba has built, again and again, for a seventh of the time
        codegen._library_class, codegen.set_env = _Part, set_own  # noqa: SLF001
        try:
            yield
        finally:
            codegen._library_class = before  # noqa: SLF001
            del codegen.set_env
            if collecting:
                gc.enable()
