package app.session.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import com.tngtech.archunit.core.domain.JavaClass;

import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.Label;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;

/**
 * Finds the calls that a class makes while it holds a monitor: in its synchronized
 * methods, and in its synchronized blocks, which ArchUnit doesn't report.
 */
final class MonitorCalls extends ClassVisitor {

	private final List<Call> calls = new ArrayList<>();

	private String className;

	private MonitorCalls() {
		super(Opcodes.ASM9);
	}

	/** Returns the calls of a class that match a condition. */
	static List<Call> in(JavaClass type, Predicate<Call> predicate) {
		MonitorCalls visitor = new MonitorCalls();
		try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
			new ClassReader(in).accept(visitor, ClassReader.SKIP_FRAMES | ClassReader.SKIP_DEBUG);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return visitor.calls.stream().filter(predicate).toList();
	}

	@Override
	public void visit(int version, int access, String name, String signature, String superName, String[] interfaces) {
		this.className = name;
	}

	@Override
	public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
			String[] exceptions) {
		return new Method(this.className + "." + name, (access & Opcodes.ACC_SYNCHRONIZED) != 0);
	}

	/**
	 * A call.
	 *
	 * @param from the method that makes it
	 * @param owner the class of the method that is called
	 * @param name the name of that method
	 * @param descriptor its parameters and its result
	 */
	record Call(String from, String owner, String name, String descriptor) {
	}

	/**
	 * The compiler has a synchronized block handle every exception by leaving the
	 * monitor, so that the handled code is the block.
	 */
	private final class Method extends MethodVisitor {

		private final String name;

		private final boolean isSynchronized;

		private final List<Integer> opcodes = new ArrayList<>();

		private final Map<Integer, Call> called = new HashMap<>();

		private final Map<Label, Integer> labels = new HashMap<>();

		private final List<Label[]> handled = new ArrayList<>();

		Method(String name, boolean isSynchronized) {
			super(Opcodes.ASM9);
			this.name = name;
			this.isSynchronized = isSynchronized;
		}

		@Override
		public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
			if (type == null) {
				this.handled.add(new Label[] { start, end, handler });
			}
		}

		@Override
		public void visitLabel(Label label) {
			this.labels.put(label, this.opcodes.size());
		}

		@Override
		public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
			this.called.put(this.opcodes.size(), new Call(this.name, owner, name, descriptor));
			this.opcodes.add(opcode);
		}

		@Override
		public void visitInsn(int opcode) {
			this.opcodes.add(opcode);
		}

		@Override
		public void visitVarInsn(int opcode, int index) {
			this.opcodes.add(opcode);
		}

		@Override
		public void visitIntInsn(int opcode, int operand) {
			this.opcodes.add(opcode);
		}

		@Override
		public void visitTypeInsn(int opcode, String type) {
			this.opcodes.add(opcode);
		}

		@Override
		public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
			this.opcodes.add(opcode);
		}

		@Override
		public void visitJumpInsn(int opcode, Label label) {
			this.opcodes.add(opcode);
		}

		@Override
		public void visitLdcInsn(Object value) {
			this.opcodes.add(Opcodes.LDC);
		}

		@Override
		public void visitIincInsn(int index, int increment) {
			this.opcodes.add(Opcodes.IINC);
		}

		@Override
		public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
			this.opcodes.add(Opcodes.INVOKEDYNAMIC);
		}

		@Override
		public void visitEnd() {
			this.called.forEach((position, call) -> {
				if (this.isSynchronized || this.handled.stream().anyMatch((block) -> isHeld(block, position))) {
					MonitorCalls.this.calls.add(call);
				}
			});
		}

		private boolean isHeld(Label[] block, int position) {
			int handler = this.labels.get(block[2]);
			return this.labels.get(block[0]) <= position && position < this.labels.get(block[1])
					&& handler + 2 < this.opcodes.size() && List.of(Opcodes.ASTORE, Opcodes.ALOAD, Opcodes.MONITOREXIT)
						.equals(this.opcodes.subList(handler, handler + 3));
		}

	}

}
